import { chatsInReach, type Reader, type Viewer } from '../auth/viewer.ts';
import { literally } from '../database/literally.ts';
import { env } from '../env.ts';
import type { Prisma } from '../generated/prisma/client.ts';

/** Oneself, and the people with whom one shares a room. */
export function knownTo(reader: Reader) {
  const { id } = reader;
  const chatIds = chatsInReach(reader);
  const isShared = { kind: 'ROOM', members: { some: { userId: id, leftAt: null } } } as const;
  const shared = { ...isShared, ...(chatIds && { id: { in: chatIds } }) };
  return {
    OR: [{ id }, { memberships: { some: { leftAt: null, chat: shared } } }],
  } satisfies Prisma.UserWhereInput;
}

/** Whom `people` finds. Those who are disabled are found by administrators alone. */
export function inDirectory(viewer: Reader & Pick<Viewer, 'role'>, search: string): Prisma.UserWhereInput {
  const isMeant = meantBy(viewer, search);
  return viewer.role === 'ADMIN' ? isMeant : { AND: [isMeant, { disabledAt: null }] };
}

function meantBy(viewer: Reader, search: string): Prisma.UserWhereInput {
  const words = search.trim().replace(/^@/, '');
  const begins = { startsWith: literally(words), mode: 'insensitive' } satisfies Prisma.StringFilter;
  const isMeant: Prisma.UserWhereInput = {
    OR: [
      { name: begins },
      { name: { contains: ` ${literally(words)}`, mode: 'insensitive' } },
      { handle: { name: begins } },
    ],
  };
  if (env.DIRECTORY === 'everyone') return words ? isMeant : {};
  return { OR: [{ AND: [knownTo(viewer), isMeant] }, { handle: { name: words.toLowerCase() } }] };
}
