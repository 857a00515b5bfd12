/** What changed in a chat after a revision: the rows that carry a later one, in their present state. */
import type { Viewer } from '../auth/viewer.ts';
import { visibleTo } from '../chats/visible.ts';
import { db } from '../db.ts';
import type { Prisma, Run } from '../generated/prisma/client.ts';

/** One index range of each table. `messageIds` and `runs` are in the order of their change. */
export interface Changes {
  chatId: string;
  /** All that changed until this revision is in these changes or in earlier ones. */
  revision: number;
  /** Read before the messages, so that it is one of those told by `revision`. */
  headId: string | null;
  messageIds: string[];
  runs: Pick<Run, 'id' | 'status'>[];
  /** More is to be read from `revision` on. */
  hasMore: boolean;
}

const MOST_ROWS = 100;

/** Null where nothing did, `gone` where the viewer can see no such chat. */
export async function changesAfter(viewer: Viewer, chatId: string, after: number): Promise<Changes | 'gone' | null> {
  // Read first: a row that changes after this carries a later revision and is found again next time.
  const chat = await db.chat.findFirst({
    where: { ...visibleTo(viewer), id: chatId },
    select: { revision: true, headId: true },
  });
  if (!chat) return 'gone';
  if (chat.revision === after) return null;

  // Whoever has more than there is saw a database that was put back since: they get all anew.
  const since = after > chat.revision ? -1 : after;
  let rows = await rowsBetween(chatId, since, undefined);
  const bound = whole(rows);
  // A page that is full may end in the midst of one change, whose rows all carry one revision: it is read again to that change's end.
  if (bound !== undefined) rows = await rowsBetween(chatId, since, bound);
  return {
    chatId,
    revision: bound ?? chat.revision,
    headId: chat.headId,
    messageIds: rows.messages.map(({ id }) => id),
    runs: rows.runs,
    hasMore: bound !== undefined && bound < chat.revision,
  };
}

async function rowsBetween(chatId: string, after: number, until: number | undefined) {
  const page = {
    where: { chatId, revision: { gt: after, ...(until !== undefined && { lte: until }) } },
    orderBy: { revision: 'asc' },
    ...(until === undefined && { take: MOST_ROWS }),
  } satisfies Prisma.MessageFindManyArgs & Prisma.RunFindManyArgs;
  return {
    messages: await db.message.findMany({ ...page, select: { id: true, revision: true } }),
    runs: await db.run.findMany({ ...page, select: { id: true, revision: true, status: true } }),
  };
}

/** Until where both are known; undefined where neither page was full, which is all there is. */
function whole(pages: Record<string, { revision: number }[]>): number | undefined {
  const ends = Object.values(pages).flatMap((page) => (page.length < MOST_ROWS ? [] : [page.at(-1)?.revision ?? 0]));
  return ends.length > 0 ? Math.min(...ends) : undefined;
}
