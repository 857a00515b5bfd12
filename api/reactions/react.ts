import type { Viewer } from '../auth/viewer.ts';
import { type Change, changeChat } from '../chats/change.ts';
import { requireMay, requireRoom } from '../chats/require.ts';
import { messageVisibleTo } from '../chats/visible.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';

/** Different emoji on one message; how many people give each is bounded by the members of the room. */
export const MOST_KINDS = 20;

export interface NewReaction {
  messageId: string;
  emoji: string;
}

/** The same emoji of the same member is stored once. */
export function react(viewer: Viewer, chatId: string, { messageId, emoji }: NewReaction): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    await requireReactable(change, viewer, messageId);
    const { tx, withoutChange } = change;
    const kinds = await tx.reaction.findMany({ where: { messageId }, distinct: ['emoji'], select: { emoji: true } });
    const isNewKind = !kinds.some((kind) => kind.emoji === emoji);
    if (isNewKind && kinds.length >= MOST_KINDS) throw new ForbiddenError('TOO_MANY_REACTIONS');
    const { count } = await tx.reaction.createMany({
      data: { messageId, userId: viewer.id, emoji },
      skipDuplicates: true,
    });
    if (count === 0) return withoutChange(undefined);
    await touch(change, messageId);
  });
}

/** Does nothing where the viewer has not given that emoji. */
export function unreact(viewer: Viewer, chatId: string, { messageId, emoji }: NewReaction): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    await requireReactable(change, viewer, messageId);
    const { count } = await change.tx.reaction.deleteMany({ where: { messageId, userId: viewer.id, emoji } });
    if (count === 0) return change.withoutChange(undefined);
    await touch(change, messageId);
  });
}

async function requireReactable(change: Change, viewer: Viewer, id: string): Promise<void> {
  requireRoom(change);
  await requireMay(change, viewer, 'REACT');
  const message = { id, chatId: change.chat.id, deletedAt: null, role: { not: 'SYSTEM' as const } };
  const count = await change.tx.message.count({ where: { ...messageVisibleTo(viewer), ...message } });
  if (count === 0) throw new NotFoundError('No such message to react to.');
}

/** The message carries the new revision, so that every feed sends it again. */
async function touch({ tx, revision }: Change, id: string): Promise<void> {
  await tx.message.update({ where: { id }, data: { revision } });
}
