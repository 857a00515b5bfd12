/** What changed in a chat after a revision: the rows that carry a later one, in their present state. */
import type { Viewer } from '../auth/viewer.ts';
import { messageVisibleTo, runVisibleTo, visibleTo } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import type { Run } from '../generated/prisma/client.ts';
import { shareRead } from '../database/shared-reads.ts';

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
/** Of the texts of one page, in bytes, where its rows are of several changes. */
const MOST_BYTES = 2 * 1024 * 1024;
/** So many messages fit in any case, and their lengths are not asked for: it would cost every live change a statement. */
const FEW_MESSAGES = 4;

/** Null where the viewer can see no such chat. */
export async function changesAfter(viewer: Viewer, chatId: string, after: number): Promise<Changes | null> {
  let chat = await rowsBetween(viewer, chatId, after, undefined);
  if (!chat) return null;
  // A cursor beyond the chat's revision means that a backup was restored: send everything.
  if (chat.revision < after) return changesAfter(viewer, chatId, -1);

  const { revision } = chat;
  const bound = least(endOfPage(chat), await endOfBytes(chat.messages));
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

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : Math.min(one, other ?? one);
}

/** The last revision that still fits into an event; undefined where all do, or where all are of one change. */
async function endOfBytes(messages: readonly { id: string; revision: number }[]): Promise<number | undefined> {
  if (messages.length <= FEW_MESSAGES || messages[0]?.revision === messages.at(-1)?.revision) return undefined;
  const ids = messages.map(({ id }) => id);
  const sizes = await shareRead(['sizes of messages', ids], () => sizesOf(ids));
  let bytes = 0;
  for (const [index, { id, revision }] of messages.entries()) {
    bytes += sizes.get(id) ?? 0;
    const before = messages[index - 1]?.revision ?? revision;
    if (bytes > MOST_BYTES && before < revision) return before;
  }
  return undefined;
}

/** In bytes. An answer's parts are its content and its thoughts, so they are counted alone. */
async function sizesOf(ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ id: string; bytes: number }[]>`
    SELECT id::text, greatest(octet_length(parts::text), octet_length(content))
      + coalesce(octet_length(edited_content), 0) AS bytes
    FROM message WHERE id = ANY(${ids}::uuid[])`;
  return new Map(rows.map(({ id, bytes }) => [id, bytes]));
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
        messages: { ...page, where: { ...messageVisibleTo(viewer), ...changed }, select: { id: true, revision: true } },
        runs: {
          ...page,
          where: { AND: [runVisibleTo(viewer), { OR: [changed, { endedAt: null }] }] },
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
