/** Gathers what `contexts/assemble.ts` makes a request of. */
import { assemble, type Assembly, type ThreadMessage } from '../contexts/assemble.ts';
import { personalContext, primaryContext, type SentContext } from '../contexts/files.ts';
import type { Tx } from '../database/db.ts';
import type { Run } from '../generated/prisma/client.ts';
import { pathTo } from '../messages/thread.ts';
import { providers } from '../providers/providers.ts';

export async function gatherRequest(tx: Tx, run: Run): Promise<Assembly & { contexts: SentContext[] }> {
  const agent = await tx.agent.findUniqueOrThrow({ where: { id: run.agentId } });
  const primary = await primaryContext(tx);
  const personal = run.initiatorId ? await personalContext(run.initiatorId, tx) : null;
  const assembly = assemble({
    primaryContext: primary.content,
    agentInstructions: agent.instructions,
    personalContext: personal?.content ?? '',
    thread: await threadTo(tx, run.triggerId),
    model: run.model,
    maxOutputTokens: agent.maxOutputTokens,
    effort: agent.effort,
    contextWindow: providers[run.provider].contextWindow(run.model),
  });
  const sent = personal?.content.trim() ? [primary, personal] : [primary];
  return {
    ...assembly,
    request: { ...assembly.request, isDefaultModel: agent.model === null },
    contexts: sent.map(({ type, id, version }) => ({ type, contextFileId: id, version })),
  };
}

async function threadTo(tx: Tx, triggerId: string): Promise<ThreadMessage[]> {
  const ids = await pathTo(tx, triggerId);
  const messages = await tx.message.findMany({
    where: { id: { in: ids }, role: { not: 'SYSTEM' } },
    orderBy: { seq: 'asc' },
    select: {
      id: true,
      role: true,
      content: true,
      editedContent: true,
      deletedAt: true,
      run: { select: { status: true } },
    },
  });
  return messages.map(({ deletedAt, run, role, ...message }) => ({
    ...message,
    role: role === 'ASSISTANT' ? role : 'USER',
    isDeleted: deletedAt !== null,
    runStatus: run?.status ?? null,
  }));
}
