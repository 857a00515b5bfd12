/** The runs of a chat, the newest first: its agents' sessions. */
import { z } from 'zod';

import type { Viewer } from '../auth/viewer.ts';
import { runVisibleTo } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import type { Run } from '../generated/prisma/client.ts';
import { decodeCursor, encodeCursor, type Page, type PageRequest, pageOf, withRows } from '../paging/pages.ts';

/** When it was asked for, in milliseconds, and its id. */
type Place = [createdAt: number, id: string];

/** `load` fetches the runs of a page in one go, in whatever order, with all that is asked of them. */
export async function listRuns(
  viewer: Pick<Viewer, 'id'>,
  chatId: string,
  request: PageRequest,
  load: (ids: string[]) => Promise<Run[]>,
): Promise<Page<Run>> {
  const { size, isBackward, after, before } = request;
  const direction = isBackward ? 'asc' : 'desc';
  const places = await db.run.findMany({
    where: { chatId, AND: [runVisibleTo(viewer), beyond(after, 'lt'), beyond(before, 'gt')] },
    orderBy: [{ createdAt: direction }, { id: direction }],
    select: { id: true, createdAt: true },
    take: size + 1,
  });
  const edges = places.map(({ id, createdAt }) => ({
    node: { id },
    cursor: encodeCursor([createdAt.getTime(), id] satisfies Place),
  }));
  const page = pageOf(request, edges);
  return withRows(page, await load(page.edges.map(({ node }) => node.id)));
}

function beyond(cursor: string | undefined, side: 'lt' | 'gt') {
  if (cursor === undefined) return {};
  const [time, id] = decodeCursor(cursor, isPlace);
  const createdAt = new Date(time);
  return { OR: [{ createdAt: { [side]: createdAt } }, { createdAt, id: { [side]: id } }] };
}

const Place = z.tuple([z.int().min(0).max(8_640_000_000_000_000), z.guid()]);

function isPlace(value: unknown): value is Place {
  return Place.safeParse(value).success;
}
