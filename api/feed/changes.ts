/** What changed in a chat after a revision: the rows that carry a later one, in their present state. */
import { LRUCache } from 'lru-cache';

import { db } from '../database/db.ts';
import type { Message, Run } from '../generated/prisma/client.ts';
import { encodeGlobalId } from '../ids.ts';
import { shareRead } from '../database/shared-reads.ts';
import { changesRead } from '../operations/metrics.ts';

/** One index range of each table. `messageIds` and `runs` are in the order of their change. One object for all who receive it. */
export interface Changes {
  chatId: string;
  /** All that changed until this revision is in these changes or in earlier ones. */
  revision: number;
  /** Whether that is anything. */
  isNews: boolean;
  headId: string | null;
  messageIds: string[];
  /** What is seen of the chat, as it was asked for. */
  hiddenUntil: number;
  /** By author: the `clientId` of each of their messages, by its global id. Nobody else is told it. */
  clientIds: ReadonlyMap<string, ReadonlyMap<string, string>>;
  runs: Pick<Run, 'id' | 'status'>[];
  /** The runs that go on, changed or not. */
  runningIds: string[];
  /** More is to be read from `revision` on. */
  hasMore: boolean;
}

/** What is asked for. Equal requests get the same object. */
export interface Wanted {
  chatId: string;
  /** What changed until this revision is known. */
  after: number;
  /** Leave out messages with `seq` <= this, and runs whose answer (or, while queued, question) is one of them; -1: none. */
  hiddenUntil: number;
  /** At least as new as this revision, which a hint named; Infinity: as new as can be. */
  revision: number;
}

const MOST_ROWS = 100;
/** Of the texts of one page, in bytes, where its rows are of several changes. */
const MOST_BYTES = 2 * 1024 * 1024;
/** So many messages fit in any case, and their lengths are not asked for: it would cost every live change a statement. */
const FEW_MESSAGES = 4;

/** Reads of the last moments, begun or done: in a room hundreds ask for the same. What was written of them is kept as long. */
const RECENT = { max: 100, ttl: 2_000, ttlAutopurge: true };
const recent = new LRUCache<string, Promise<Changes | null>>(RECENT);

/** Null where there is no such chat. Whether the viewer may see it is not asked here. */
export async function changesAfter(wanted: Wanted): Promise<Changes | null> {
  const { chatId, after, hiddenUntil } = wanted;
  const key = `${chatId} ${after} ${hiddenUntil}`;
  const known = await recent.get(key)?.catch(() => null);
  // Where there is more, the next page is asked for anyway.
  if (known && (known.hasMore || known.revision >= wanted.revision)) return known;
  const reading = shareRead(['changes', chatId, after, hiddenUntil], () => readChanges(wanted));
  recent.set(key, reading);
  return reading;
}

async function readChanges(wanted: Wanted): Promise<Changes | null> {
  const { chatId, after } = wanted;
  let chat = await rowsBetween(wanted, undefined);
  if (!chat) return null;
  // A cursor beyond the chat's revision means that a backup was restored: send everything.
  if (chat.revision < after) return readChanges({ ...wanted, after: -1 });

  const { revision } = chat;
  const bound = least(endOfPage(chat), await endOfBytes(chat.messages));
  // A page that is full may end in the midst of one change, whose rows all carry one revision: it is read again to that change's end.
  if (bound !== undefined) chat = await rowsBetween(wanted, bound);
  if (!chat) return null;
  return {
    chatId,
    revision: bound ?? revision,
    isNews: revision > after,
    headId: chat.headId,
    messageIds: chat.messages.map(({ id }) => id),
    hiddenUntil: wanted.hiddenUntil,
    clientIds: clientIdsOf(chat.messages),
    runs: chat.runs.filter((run) => run.revision > after),
    runningIds: chat.runs.filter(({ endedAt }) => !endedAt).map(({ id }) => id),
    hasMore: bound !== undefined && bound < revision,
  };
}

function clientIdsOf(messages: readonly Pick<Message, 'id' | 'authorId' | 'clientId'>[]): Changes['clientIds'] {
  const byAuthor = new Map<string, Map<string, string>>();
  for (const { id, authorId, clientId } of messages) {
    if (authorId === null) continue;
    const ofAuthor = byAuthor.get(authorId) ?? new Map<string, string>();
    byAuthor.set(authorId, ofAuthor);
    if (clientId !== null) ofAuthor.set(encodeGlobalId('Message', id), clientId);
  }
  return byAuthor;
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : Math.min(one, other ?? one);
}

/** The last revision that still fits into an event; undefined where all do, or where all are of one change. */
async function endOfBytes(messages: readonly { id: string; revision: number }[]): Promise<number | undefined> {
  if (messages.length <= FEW_MESSAGES || messages[0]?.revision === messages.at(-1)?.revision) return undefined;
  const sizes = await sizesOf(messages.map(({ id }) => id));
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

/** One statement, and so one moment: `revision` is that of the rows. What a viewer sees of a change is decided here alone. */
function rowsBetween({ chatId, after, hiddenUntil }: Wanted, until: number | undefined) {
  const changed = { revision: { gt: after, ...(until !== undefined && { lte: until }) } };
  const seen = { seq: { gt: hiddenUntil } };
  const seenRuns = { OR: [{ message: seen }, { messageId: null, trigger: seen }] };
  changesRead();
  const page = { orderBy: { revision: 'asc' }, ...(until === undefined && { take: MOST_ROWS }) } as const;
  return db.chat.findUnique({
    where: { id: chatId },
    relationLoadStrategy: 'join',
    select: {
      revision: true,
      headId: true,
      messages: {
        ...page,
        where: { ...changed, ...seen },
        select: { id: true, revision: true, authorId: true, clientId: true },
      },
      runs: {
        ...page,
        where: { OR: [changed, { endedAt: null }], ...(hiddenUntil >= 0 && { AND: [seenRuns] }) },
        select: { id: true, revision: true, status: true, endedAt: true },
      },
    },
  });
}

/** Until where both are known; undefined where neither page was full, which is all there is. */
function endOfPage({ messages, runs }: Record<'messages' | 'runs', { revision: number }[]>): number | undefined {
  const ends = [messages, runs].flatMap((page) => (page.length < MOST_ROWS ? [] : [page.at(-1)?.revision ?? 0]));
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

/** A chat as it is sent to those who do not watch it. One object for all who receive it. */
export interface ChatState {
  chatId: string;
  revision: number;
}

const recentStates = new LRUCache<string, Promise<ChatState | null>>(RECENT);

/** Null where there is no such chat. Whether the viewer may see it is not asked here. */
export async function stateOf(chatId: string, revision: number): Promise<ChatState | null> {
  const known = await recentStates.get(chatId)?.catch(() => null);
  if (known && known.revision >= revision) return known;
  const reading = shareRead(['state', chatId], () =>
    db.chat.findUnique({ where: { id: chatId }, select: { revision: true } }),
  ).then((chat) => chat && { chatId, revision: chat.revision });
  recentStates.set(chatId, reading);
  return reading;
}
