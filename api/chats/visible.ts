import type { Viewer } from '../auth/viewer.ts';
import type { Prisma } from '../generated/prisma/client.ts';

/** The one place that says which chats somebody may see. Spread it first and the id last, so that neither hides the other. */
export function visibleTo(viewer: Pick<Viewer, 'id'>) {
  return { members: { some: { userId: viewer.id, leftAt: null } } } satisfies Prisma.ChatWhereInput;
}

/** The same for what lies in a chat: messages and runs. */
export function inVisibleChat(viewer: Pick<Viewer, 'id'>) {
  return { chat: visibleTo(viewer) };
}
