import type { Viewer } from '../auth/viewer.ts';
import type { Prisma } from '../generated/prisma/client.ts';

/** The one place that says which chats somebody may see. Spread it first and the id last, so that neither hides the other. */
export function visibleTo(viewer: Pick<Viewer, 'id'>) {
  return { members: { some: { userId: viewer.id, leftAt: null } } } satisfies Prisma.ChatWhereInput;
}

/**
 * The same for messages: those of chats that the viewer may see, and of a room that hides its past from newcomers those since they
 * joined. A view of the database decides it; SQL that reads messages joins it by `message_id` and `user_id`.
 */
export function messageVisibleTo(viewer: Pick<Viewer, 'id'>) {
  return { readers: { some: { userId: viewer.id } } } satisfies Prisma.MessageWhereInput;
}

/** The same for runs: one is seen where its answer is, and while it waits for its place in a room, where its question is. */
export function runVisibleTo(viewer: Pick<Viewer, 'id'>) {
  const isSeen = messageVisibleTo(viewer);
  return { OR: [{ message: isSeen }, { messageId: null, trigger: isSeen }] } satisfies Prisma.RunWhereInput;
}
