import type { Viewer } from '../auth/viewer.ts';
import { changeChat } from '../chats/change.ts';
import { requireMay, requireRoom } from '../chats/require.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import type { ReplyMode } from '../generated/prisma/client.ts';
import { writeEvent } from '../rooms/write-event.ts';
import { cancelWaiting } from '../runs/queue.ts';

/** Agents of one room. */
export const MOST_AGENTS = 20;

/** Also changes when one that is there answers. At most one agent of a room answers everything: the one before it does so no longer. */
export function addRoomAgent(
  viewer: Viewer,
  chatId: string,
  { agentId, replyMode }: { agentId: string; replyMode: ReplyMode },
): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, withoutChange } = change;
    requireRoom(change);
    await requireMay(change, viewer, 'SET_AGENTS');
    const agent = await tx.agent.findUnique({ where: { id: agentId, archivedAt: null } });
    if (!agent) throw new NotFoundError('No such agent.');
    const present = await tx.roomAgent.findMany({ where: { chatId, agent: { archivedAt: null } } });
    const own = present.find((each) => each.agentId === agentId);
    if (own?.replyMode === replyMode) return withoutChange(undefined);
    if (!own && present.length >= MOST_AGENTS) throw new ForbiddenError('TOO_MANY_AGENTS');

    if (replyMode === 'ALWAYS')
      await tx.roomAgent.updateMany({ where: { chatId, replyMode }, data: { replyMode: 'MENTION' } });
    await tx.roomAgent.upsert({
      where: { chatId_agentId: { chatId, agentId } },
      create: { chatId, agentId, replyMode, addedById: viewer.id },
      update: { replyMode },
    });
    if (!own) await writeEvent(change, viewer, { kind: 'AGENT_ADDED', agentIds: [agentId] });
  });
}

/** What waits for it is cancelled; an answer that it is writing goes on. */
export function removeRoomAgent(viewer: Viewer, chatId: string, agentId: string): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, withoutChange } = change;
    requireRoom(change);
    await requireMay(change, viewer, 'SET_AGENTS');
    const { count } = await tx.roomAgent.deleteMany({ where: { chatId, agentId } });
    if (count === 0) return withoutChange(undefined);
    await cancelWaiting(change, { agentId });
    await writeEvent(change, viewer, { kind: 'AGENT_REMOVED', agentIds: [agentId] });
  });
}
