import { chatsInReach, type Reader } from '../auth/viewer.ts';
import type { Prisma } from '../generated/prisma/client.ts';

/**
 * The one place that says which chats a person may see: those that they are a member of, as far as their token reaches. Spread it first
 * and the id last, so that neither hides the other.
 */
export function visibleTo(viewer: Reader) {
  const isMember = { members: { some: { userId: viewer.id, leftAt: null } } };
  return { ...isMember, ...inReach(viewer, 'id') } satisfies Prisma.ChatWhereInput;
}

/** Bounds a read to the chats of the viewer's token; nothing where it has no such bound. `key`: the column of the chat's id. */
export function inReach<Key extends 'id' | 'chatId'>(viewer: Reader, key: Key) {
  const chatIds = chatsInReach(viewer);
  // Not by the column itself: a query that spreads this may name it too.
  return chatIds ? { AND: [{ [key]: { in: chatIds } } as { [Column in Key]: { in: string[] } }] } : {};
}

/**
 * The same for messages: those of chats that the viewer may see, and of a room that hides its past from newcomers those since they
 * joined. A view of the database decides it; SQL that reads messages joins it by `message_id` and `user_id`.
 */
export function messageVisibleTo(viewer: Reader) {
  return {
    readers: { some: { userId: viewer.id } },
    ...inReach(viewer, 'chatId'),
  } satisfies Prisma.MessageWhereInput;
}

/** The same for runs: one is seen where its answer is, and while it waits for its place in a room, where its question is. */
export function runVisibleTo(viewer: Reader) {
  const isSeen = messageVisibleTo(viewer);
  return { OR: [{ message: isSeen }, { messageId: null, trigger: isSeen }] } satisfies Prisma.RunWhereInput;
}
