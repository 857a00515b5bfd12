import { findUsableAgent } from '../agents/choose.ts';
import { actorOf, type Viewer } from '../auth/viewer.ts';
import { hashOfInput, requireSameInput } from '../database/same-input.ts';
import { write } from '../database/write.ts';
import type { Tx } from '../database/db.ts';
import { NotFoundError } from '../errors.ts';
import type { Chat } from '../generated/prisma/client.ts';
import { enforceChatLimit } from './active-limit.ts';
import { requireAllChats } from './require.ts';
import { visibleTo } from './visible.ts';

export interface NewChat {
  title?: string | undefined;
  agentId?: string | undefined;
  /** The same id again gives the same chat. */
  clientId?: string | undefined;
}

export async function createChat(viewer: Viewer, { title, agentId, clientId }: NewChat): Promise<Chat> {
  requireAllChats(viewer);
  // Who answers is a setting: a retry may come after another agent was chosen.
  const inputHash = hashOfInput('createChat', { title });
  return write(actorOf(viewer), async ({ tx, announce }) => {
    // The person's row first: of two requests with one clientId the second waits here and then finds the first one's chat.
    await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${viewer.id}::uuid FOR NO KEY UPDATE`;
    const existing = clientId && (await madeBefore(tx, viewer, { clientId, inputHash }));
    if (existing) return existing;

    await enforceChatLimit(tx, viewer.id);
    if (agentId) await findUsableAgent(tx, agentId);
    const chat = await tx.chat.create({
      data: {
        createdById: viewer.id,
        clientId: clientId ?? null,
        inputHash,
        agentId: agentId ?? null,
        ...(title !== undefined && { title, titleSource: 'PERSON' }),
        members: { create: { userId: viewer.id, role: 'OWNER' } },
      },
    });
    announce('memberAdded', chat.id, viewer.id);
    announce('chatChanged', chat.id, chat.revision);
    return chat;
  });
}

/**
 * What the same request made before. Throws `ConflictError` where that was another request, and `NotFoundError` where the viewer sees it
 * no longer.
 */
export async function madeBefore(
  tx: Tx,
  viewer: Viewer,
  { clientId, inputHash }: { clientId: string; inputHash: string },
): Promise<Chat | null> {
  const made = await tx.chat.findFirst({ where: { createdById: viewer.id, clientId } });
  if (!made) return null;
  const visible = await tx.chat.count({ where: { ...visibleTo(viewer), id: made.id } });
  if (visible === 0) throw new NotFoundError('What this clientId made is not yours any more.');
  requireSameInput(made.inputHash, inputHash);
  return made;
}
