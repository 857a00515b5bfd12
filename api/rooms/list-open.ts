import type { Viewer } from '../auth/viewer.ts';
import { inReach } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import { literally } from '../database/literally.ts';
import type { Chat, Prisma } from '../generated/prisma/client.ts';
import { noSuchId } from '../ids.ts';
import { z } from 'zod';
import { decodeCursor, encodeCursor, type Page, type PageRequest, pageOf } from '../paging/pages.ts';

/** What is seen of a room from outside, with the number of members, and the viewer's own membership where they have one. */
export type Previewed = Pick<Chat, 'id' | 'title' | 'topic'> & {
  _count: { members: number };
  members: { id: string }[];
};

export function previewed(viewer: Pick<Viewer, 'id'> | null) {
  return {
    id: true,
    title: true,
    topic: true,
    _count: { select: { members: { where: { leftAt: null } } } },
    members: { where: { userId: viewer?.id ?? noSuchId, leftAt: null }, select: { id: true } },
  } satisfies Prisma.ChatSelect;
}

/** The rooms that everybody may join, by title. */
export async function listOpenRooms(
  viewer: Viewer,
  { search, ...request }: PageRequest & { search?: string | undefined },
): Promise<Page<Previewed>> {
  const order = request.isBackward ? 'desc' : 'asc';
  const rooms = await db.chat.findMany({
    select: previewed(viewer),
    where: {
      kind: 'ROOM',
      visibility: 'OPEN',
      deletedAt: null,
      closedAt: null,
      AND: [inReach(viewer, 'id'), holds(search), beyond(request.after, 'gt'), beyond(request.before, 'lt')],
    },
    orderBy: [{ title: order }, { id: order }],
    take: request.size + 1,
  });
  const edges = rooms.map((room) => ({
    node: room,
    cursor: encodeCursor([room.title ?? '', room.id] satisfies Place),
  }));
  return pageOf(request, edges);
}

function holds(search = ''): Prisma.ChatWhereInput {
  const words = { contains: literally(search.trim()), mode: 'insensitive' } as const;
  return words.contains ? { OR: [{ title: words }, { topic: words }] } : {};
}

type Place = [title: string, id: string];

function beyond(cursor: string | undefined, side: 'gt' | 'lt'): Prisma.ChatWhereInput {
  if (cursor === undefined) return {};
  const [title, id] = decodeCursor(cursor, isPlace);
  return { OR: [{ title: { [side]: title } }, { title, id: { [side]: id } }] };
}

const PlaceShape = z.tuple([z.string().max(255), z.guid()]);

function isPlace(value: unknown): value is Place {
  const { success, data } = PlaceShape.safeParse(value);
  return success && !data[0].includes('\0');
}
