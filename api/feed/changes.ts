/** What changed in a chat after a revision: the rows that carry a later one, in their present state. */
import type { Viewer } from '../auth/viewer.ts';
import { visibleTo } from '../chats/visible.ts';
import { db } from '../db.ts';
import type { Run } from '../generated/prisma/client.ts';
import { shareRead } from './shared-reads.ts';

/** One index range of each table. `messageIds` and `runs` are in the order of their change. */
export interface Changes {
  chatId: string;
  /** All that changed until this revision is in these changes or in earlier ones. */
  revision: number;
  /** Whether that is anything. */
  isNews: boolean;
  headId: string | null;
  messageIds: string[];
  runs: Pick<Run, 'id' | 'status'>[];
  /** The runs that go on, changed or not. */
  runningIds: string[];
  /** More is to be read from `revision` on. */
  hasMore: boolean;
}

const MOST_ROWS = 100;

/** Null where the viewer can see no such chat. */
export async function changesAfter(viewer: Viewer, chatId: string, after: number): Promise<Changes | null> {
  let chat = await rowsBetween(viewer, chatId, after, undefined);
  if (!chat) return null;
  // Whoever has more than there is saw a database that was put back since: they get all anew.
  if (chat.revision < after) return changesAfter(viewer, chatId, -1);

  const { revision } = chat;
  const bound = endOfPage(chat);
  // A page that is full may end in the midst of one change, whose rows all carry one revision: it is read again to that change's end.
  if (bound !== undefined) chat = await rowsBetween(viewer, chatId, after, bound);
  if (!chat) return null;
  return {
    chatId,
    revision: bound ?? revision,
    isNews: revision > after,
    headId: chat.headId,
    messageIds: chat.messages.map(({ id }) => id),
    runs: chat.runs.filter((run) => run.revision > after),
    runningIds: chat.runs.filter(({ endedAt }) => !endedAt).map(({ id }) => id),
    hasMore: bound !== undefined && bound < revision,
  };
}

/** One statement, and so one moment: `revision` is that of the rows. */
function rowsBetween(viewer: Viewer, chatId: string, after: number, until: number | undefined) {
  const changed = { revision: { gt: after, ...(until !== undefined && { lte: until }) } };
  const page = { orderBy: { revision: 'asc' }, ...(until === undefined && { take: MOST_ROWS }) } as const;
  return shareRead(['changes', viewer.id, chatId, after, until], () =>
    db.chat.findFirst({
      where: { ...visibleTo(viewer), id: chatId },
      relationLoadStrategy: 'join',
      select: {
        revision: true,
        headId: true,
        messages: { ...page, where: changed, select: { id: true, revision: true } },
        runs: {
          ...page,
          where: { OR: [changed, { endedAt: null }] },
          select: { id: true, revision: true, status: true, endedAt: true },
        },
      },
    }),
  );
}

/** Until where both are known; undefined where neither page was full, which is all there is. */
function endOfPage({ messages, runs }: Record<'messages' | 'runs', { revision: number }[]>): number | undefined {
  const ends = [messages, runs].flatMap((page) => (page.length < MOST_ROWS ? [] : [page.at(-1)?.revision ?? 0]));
  return ends.length > 0 ? Math.min(...ends) : undefined;
}
