/** Gathers what `contexts/assemble.ts`, and in a room `contexts/assemble-room.ts`, makes a request of. */
import { randomBytes } from 'node:crypto';

import { assembleForRoom } from '../contexts/assemble-room.ts';
import { assemble, type Assembly, type ThreadMessage } from '../contexts/assemble.ts';
import { personalContext, primaryContext, type SentContext } from '../contexts/files.ts';
import type { Tx } from '../database/db.ts';
import type { Agent, Chat, ContextFile } from '../generated/prisma/client.ts';
import { pathTo } from '../messages/thread.ts';
import { noSuchId } from '../ids.ts';
import { providers } from '../providers/providers.ts';
import type { AgentRun } from '../runs/agent-run.ts';
import { readRoomHistory } from './room-history.ts';

type Gathered = Assembly & { contexts: SentContext[] };

export async function gatherRequest(tx: Tx, run: AgentRun): Promise<Gathered> {
  const agent = await tx.agent.findUniqueOrThrow({ where: { id: run.agentId } });
  const chat = await tx.chat.findUniqueOrThrow({ where: { id: run.chatId } });
  const { request, ...gathered } = await (chat.kind === 'ROOM' ? forRoom : forPrivate)(tx, { run, agent, chat });
  return { ...gathered, request: { ...request, isDefaultModel: agent.model === null } };
}

interface Asked {
  run: AgentRun;
  agent: Agent;
  chat: Chat;
}

async function forPrivate(tx: Tx, { run, agent }: Asked): Promise<Gathered> {
  const primary = await primaryContext(tx);
  const personal = run.initiatorId ? await personalContext(run.initiatorId, tx) : null;
  const assembly = assemble({
    primaryContext: primary.content,
    agentInstructions: agent.instructions,
    personalContext: personal?.content ?? '',
    thread: await threadTo(tx, run.triggerId),
    ...limitsOf(run, agent),
  });
  const sent = personal?.content.trim() ? [primary, personal] : [primary];
  return { ...assembly, contexts: sent.map(asSent) };
}

/** No personal context: the answer is for all members. */
async function forRoom(tx: Tx, { run, agent, chat }: Asked): Promise<Gathered> {
  const primary = await primaryContext(tx);
  const limits = limitsOf(run, agent);
  const answer =
    run.messageId && (await tx.message.findUnique({ where: { id: run.messageId }, select: { seq: true } }));
  const { unreadCount, ...history } = await readRoomHistory(tx, {
    chatId: chat.id,
    askerId: run.initiatorId ?? noSuchId,
    triggerId: run.triggerId,
    before: answer ? answer.seq : chat.revision,
    mostBytes: limits.contextWindow * MOST_BYTES_A_TOKEN,
  });
  const assembly = assembleForRoom({
    primaryContext: primary.content,
    agent,
    room: { title: chat.title ?? '', topic: chat.topic, mark: await markOf(tx, chat) },
    ...history,
    ...limits,
  });
  return { ...assembly, omittedCount: assembly.omittedCount + unreadCount, contexts: [asSent(primary)] };
}

/** No text in use has more. */
const MOST_BYTES_A_TOKEN = 8;

/** The same while it is secret, so that the provider's cache finds the same prefix again. */
async function markOf(tx: Tx, { id, promptMark }: Chat): Promise<string> {
  if (promptMark) return promptMark;
  const mark = randomBytes(8).toString('hex');
  await tx.chat.update({ where: { id }, data: { promptMark: mark } });
  return mark;
}

function limitsOf(run: AgentRun, agent: Agent) {
  return {
    model: run.model,
    maxOutputTokens: agent.maxOutputTokens,
    effort: agent.effort,
    contextWindow: providers[run.provider].contextWindow(run.model),
  };
}

function asSent({ type, id, version }: ContextFile): SentContext {
  return { type, contextFileId: id, version };
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
