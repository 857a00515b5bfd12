import { chatsInReach, type Viewer } from '../auth/viewer.ts';
import type { Tx } from '../database/db.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import type { ChatMember } from '../generated/prisma/client.ts';
import { type ChatAction, may } from '../members/may.ts';
import type { Change } from './change.ts';
import { messageVisibleTo } from './visible.ts';

/**
 * Guards every verb in a chat. Returns the viewer's membership; throws `ForbiddenError` with what stands in the way: the chat is deleted or
 * read-only, the viewer archived it, or another role is needed.
 */
export async function requireMay({ tx, chat }: Change, viewer: Viewer, action: ChatAction): Promise<ChatMember> {
  const member = await tx.chatMember.findUnique({
    where: { chatId_userId: { chatId: chat.id, userId: viewer.id }, leftAt: null },
  });
  if (!member) throw new NotFoundError('No such chat.');
  if (may(member, chat, action)) return member;
  if (chat.deletedAt) throw new ForbiddenError('CHAT_DELETED');
  if (chat.kind === 'PRIVATE' && member.archivedAt) throw new ForbiddenError('CHAT_ARCHIVED');
  if (chat.closedAt) throw new ForbiddenError('ROOM_CLOSED');
  throw new ForbiddenError('ROLE_TOO_LOW');
}

/** Guards what an earlier request gave: throws `NotFoundError` where the viewer sees that message no longer. */
export async function requireVisible(tx: Tx, viewer: Viewer, messageId: string): Promise<void> {
  const count = await tx.message.count({ where: { ...messageVisibleTo(viewer), id: messageId } });
  if (count === 0) throw new NotFoundError('No such message.');
}

/** Guards what only a room has: replies and reactions. */
export function requireRoom({ chat }: Change): void {
  if (chat.kind !== 'ROOM') throw new ForbiddenError('NOT_A_ROOM');
}

/** Guards what only a private chat has: branches, and a conversation with one agent. */
export function requirePrivate({ chat }: Change): void {
  if (chat.kind === 'ROOM') throw new ForbiddenError('ROOM_IS_ONE_LINE');
}

/** Guards what makes a chat: a token that is bound to some reaches no other. */
export function requireAllChats(viewer: Viewer): void {
  if (chatsInReach(viewer)) throw new ForbiddenError('OUTSIDE_TOKEN');
}
