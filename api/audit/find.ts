/**
 * Which changes a filter means, a page at a time. What one page looks at is bounded: a filter that is met rarely may give an empty page,
 * whose cursor goes on from where the search stopped.
 */
import { db } from '../database/db.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { decodeCursor, type PageRequest } from '../paging/pages.ts';
import type { ChangeOperation, Commit, EntryPlace } from './change.ts';

export interface ChangeFilter {
  readonly tables?: readonly string[] | undefined;
  readonly operations?: readonly ChangeOperation[] | undefined;
  /** As `change_entry` has it: "USER id". */
  readonly actor?: string | undefined;
  readonly chatId?: string | undefined;
  /** When the transaction began: from here on, and before. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly requestId?: string | undefined;
}

/** Of a change, or between two: the number of its transaction and of its entry. */
export type Cursor = readonly [commit: number, seq: number];

/** What was found, in the order of the request. */
export interface Found {
  readonly places: readonly EntryPlace[];
  /** From where on the search was not made; null: there is nothing more. */
  readonly rest: Cursor | null;
  /** Where the list ends now, or `before`: what comes later is after it. */
  readonly end: Cursor;
}

/** So many transactions a page looks at, where no index leads to those that are wanted. */
const WINDOW = 50_000;
/** So many it takes of those that an index leads to. */
const TAKEN = 1_000;
/** So many numbers of entries it looks at. Those of a transaction lie among those of others. */
const SPAN = 10_000;
/** A page takes several statements where many transactions have no entry that is wanted. */
const MOST_STATEMENTS = 10;
/** Of a chat with more transactions, an index leads to too many: it is looked for among all. */
const BUSY = 10_000;
/** Far beyond the time that a transaction of the server may take: the order of numbers is that of the times but for this. */
const LONGEST_TRANSACTION = Prisma.sql`interval '1 hour'`;
/** One transaction may have been open for longer than that; not so many one after the other. */
const NEIGHBOURS = 50;

export const LAST_SEQ = Number.MAX_SAFE_INTEGER;

export function decodePlace(cursor: string): Cursor {
  return decodeCursor(cursor, isCursor);
}

function isCursor(value: unknown): value is Cursor {
  return Array.isArray(value) && value.length === 2 && value.every((part) => Number.isSafeInteger(part) && part >= 0);
}

/** One more than the page has, where there are more. */
export async function findChanges(
  filter: ChangeFilter,
  { size, isBackward, after, before }: PageRequest,
): Promise<Found> {
  const [oldest, newest] = await boundsOf(filter);
  const low = later(after === undefined ? [0, 0] : decodePlace(after), [oldest, 0]);
  const high = earlier(before === undefined ? [newest, LAST_SEQ] : decodePlace(before), [newest, LAST_SEQ]);
  const places: EntryPlace[] = [];
  let range: Range = { low, high, isBackward };
  let span = SPAN;
  let way: Way = filter.requestId === undefined && filter.actor === undefined ? 'window' : 'index';
  for (let statements = 0; statements < MOST_STATEMENTS; statements += 1) {
    const limit = filter.operations ? TAKEN : size + 1 - places.length;
    const stretch = way === 'window' ? await inWindow(filter, range, limit) : await byIndex(filter, range);
    const pieces = piecesOf(stretch.commits, range, span);
    span -= pieces.span;
    const found = await entriesOf(filter, pieces.list, isBackward, size + 1 - places.length);
    places.push(...found);
    if (places.length > size) return { places, rest: range.low, end: high };
    const reached = pieces.rest ?? stretch.rest;
    if (!reached) return { places, rest: null, end: high };
    range = isBackward ? { ...range, high: reached } : { ...range, low: reached };
    if (span <= 0 || stretch.next === null) break;
    way = stretch.next;
  }
  return { places, rest: isBackward ? range.high : range.low, end: high };
}

/** What lies between two places, both left out, and from where it is read. */
interface Range {
  readonly low: Cursor;
  readonly high: Cursor;
  readonly isBackward: boolean;
}

function compare(one: Cursor, other: Cursor): number {
  return one[0] - other[0] || one[1] - other[1];
}

const later = (one: Cursor, other: Cursor) => (compare(one, other) > 0 ? one : other);
const earlier = (one: Cursor, other: Cursor) => (compare(one, other) < 0 ? one : other);

/** Between which transactions the times lie that are asked for. The index is in the order of times, and the list in that of numbers. */
async function boundsOf({ since, until }: ChangeFilter): Promise<[oldest: number, newest: number]> {
  const [bounds] = await db.$queryRaw<{ oldest: number | null; newest: number | null }[]>`
    SELECT (SELECT min(number) FROM change_commit)::float8 AS oldest, (SELECT max(number) FROM change_commit)::float8 AS newest`;
  let [oldest, newest] = [bounds?.oldest ?? 1, bounds?.newest ?? 0];
  if (since) {
    const [found] = await db.$queryRaw<{ number: number | null }[]>`
      SELECT min(number)::float8 AS number FROM (
        SELECT number FROM change_commit WHERE began < ${since}::timestamptz - ${LONGEST_TRANSACTION}
        ORDER BY began DESC LIMIT ${NEIGHBOURS}::int) near`;
    oldest = Math.max(oldest, found?.number ?? 0);
  }
  if (until) {
    const [found] = await db.$queryRaw<{ number: number | null }[]>`
      SELECT max(number)::float8 AS number FROM (
        SELECT number FROM change_commit WHERE began > ${until}::timestamptz + ${LONGEST_TRANSACTION}
        ORDER BY began LIMIT ${NEIGHBOURS}::int) near`;
    newest = Math.min(newest, found?.number ?? newest);
  }
  return [oldest, newest];
}

/** How transactions are looked for: all of a number of them, or those that an index leads to. */
type Way = 'window' | 'index';

interface Stretch {
  readonly commits: readonly Commit[];
  /** From where on it was not looked; null: there is nothing more. */
  readonly rest: Cursor | null;
  /** How to go on there; null: not for this page. */
  readonly next: Way | null;
}

/** The next transactions that may hold something, at most so many. */
async function inWindow(filter: ChangeFilter, range: Range, limit: number): Promise<Stretch> {
  const { low, high, isBackward } = range;
  const window: Range = isBackward
    ? { ...range, low: later(low, [high[0] - WINDOW, 0]) }
    : { ...range, high: earlier(high, [low[0] + WINDOW, LAST_SEQ]) };
  const all = Prisma.sql`SELECT * FROM change_commit WHERE ${inRange(window)}`;
  const commits = await readCommits(all, filter, range, limit);
  const last = commits.at(-1);
  if (last && commits.length >= limit) return { commits, rest: beyond(last.number, isBackward), next: 'window' };
  const [end, whole] = isBackward ? [window.low, low] : [window.high, high];
  if (compare(end, whole) === 0) return { commits, rest: null, next: null };
  // Of a chat that is not busy, an index leads to what was written long ago.
  return { commits, rest: end, next: filter.chatId === undefined || (await isBusy(filter.chatId)) ? null : 'index' };
}

async function isBusy(chatId: string): Promise<boolean> {
  const [found] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT FROM change_commit WHERE chat_ids @> ARRAY[${chatId}::uuid] LIMIT ${BUSY + 1}::int
    ) led`;
  return (found?.count ?? 0) > BUSY;
}

/** After the whole transaction, in the direction of the search. */
function beyond(number: number, isBackward: boolean): Cursor {
  return [number, isBackward ? 0 : LAST_SEQ];
}

/** Those that one part of the filter leads to, and of these the ones that the rest of it lets through. */
async function byIndex(filter: ChangeFilter, range: Range): Promise<Stretch> {
  const { isBackward } = range;
  const source = Prisma.sql`${ledTo(filter, range)} ORDER BY number ${direction(isBackward)} LIMIT ${TAKEN}::int`;
  const [taken] = await db.$queryRaw<{ count: number; low: number; high: number }[]>`
    SELECT count(*)::int AS count, coalesce(min(number), 0)::float8 AS low, coalesce(max(number), 0)::float8 AS high
    FROM (${source}) led`;
  const commits = await readCommits(source, filter, range, TAKEN);
  if (!taken || taken.count < TAKEN) return { commits, rest: null, next: null };
  return { commits, rest: beyond(isBackward ? taken.low : taken.high, isBackward), next: 'index' };
}

/** The index by actor has the order of the list. The others are materialized, so that the planner does not walk the list and compare each. */
function ledTo({ requestId, actor, chatId }: ChangeFilter, range: Range): Prisma.Sql {
  if (requestId === undefined && actor !== undefined)
    return Prisma.sql`SELECT * FROM change_commit WHERE actor = ${actor} AND ${inRange(range)}`;
  const condition =
    requestId === undefined ? Prisma.sql`chat_ids @> ARRAY[${chatId}::uuid]` : Prisma.sql`request_id = ${requestId}`;
  return Prisma.sql`
    WITH hit AS MATERIALIZED (SELECT * FROM change_commit WHERE ${condition})
    SELECT * FROM hit WHERE ${inRange(range)}`;
}

/** Without a transaction of which nothing is left at an end. */
function inRange({ low, high }: Range): Prisma.Sql {
  const [from, to] = [low[1] === LAST_SEQ ? low[0] + 1 : low[0], high[1] === 0 ? high[0] - 1 : high[0]];
  return Prisma.sql`number BETWEEN ${from}::bigint AND ${to}::bigint`;
}

function direction(isBackward: boolean): Prisma.Sql {
  return isBackward ? Prisma.sql`DESC` : Prisma.sql`ASC`;
}

function readCommits(
  source: Prisma.Sql,
  filter: ChangeFilter,
  { isBackward }: Range,
  limit: number,
): PromiseLike<Commit[]> {
  const { tables, actor, chatId, since, until, requestId } = filter;
  const conditions = [
    Prisma.sql`TRUE`,
    ...(tables ? [Prisma.sql`relations && ${[...tables]}::text[]`] : []),
    ...(actor === undefined ? [] : [Prisma.sql`actor = ${actor}`]),
    ...(chatId === undefined ? [] : [Prisma.sql`chat_ids @> ARRAY[${chatId}::uuid]`]),
    ...(since ? [Prisma.sql`began >= ${since}::timestamptz`] : []),
    ...(until ? [Prisma.sql`began < ${until}::timestamptz`] : []),
    ...(requestId === undefined ? [] : [Prisma.sql`request_id = ${requestId}`]),
  ];
  return db.$queryRaw<Commit[]>`
    SELECT number::float8 AS number, xid::text AS xid, began, first_seq::float8 AS "firstSeq", last_seq::float8 AS "lastSeq",
      actor, request_id AS "requestId"
    FROM (${source}) candidate WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY number ${direction(isBackward)} LIMIT ${limit}::int`;
}

/** A part of a transaction's numbers of entries. */
interface Piece {
  readonly commit: Commit;
  readonly from: number;
  readonly to: number;
}

/** As many numbers as may still be looked at; of a transaction that has more, a part. */
export function piecesOf(
  commits: readonly Commit[],
  { low, high, isBackward }: Range,
  most: number,
): { list: Piece[]; span: number; rest: Cursor | null } {
  const list: Piece[] = [];
  let span = 0;
  for (const commit of commits) {
    const from = commit.number === low[0] ? Math.max(commit.firstSeq, low[1] + 1) : commit.firstSeq;
    const to = commit.number === high[0] ? Math.min(commit.lastSeq, high[1] - 1) : commit.lastSeq;
    if (from > to) continue;
    const length = Math.min(to - from + 1, most - span);
    if (length <= 0) return { list, span, rest: [commit.number, isBackward ? LAST_SEQ : 0] };
    span += length;
    if (length === to - from + 1) list.push({ commit, from, to });
    else if (isBackward) {
      list.push({ commit, from: to - length + 1, to });
      return { list, span, rest: [commit.number, to - length + 1] };
    } else {
      list.push({ commit, from, to: from + length - 1 });
      return { list, span, rest: [commit.number, from + length - 1] };
    }
  }
  return { list, span, rest: null };
}

/** The entries in these pieces that the filter lets through, in their order, at most so many. */
export async function entriesOf(
  { tables, operations }: ChangeFilter,
  pieces: readonly Piece[],
  isBackward: boolean,
  limit: number,
): Promise<EntryPlace[]> {
  if (pieces.length === 0) return [];
  const order = direction(isBackward);
  const wanted = [
    Prisma.sql`TRUE`,
    ...(tables ? [Prisma.sql`e.relation = ANY (${[...tables]}::text[])`] : []),
    ...(operations ? [Prisma.sql`e.operation::text = ANY (${[...operations]}::text[])`] : []),
  ];
  const [from, to] = [Math.min(...pieces.map((piece) => piece.from)), Math.max(...pieces.map((piece) => piece.to))];
  if (operations && to - from < 2 * SPAN) return entriesBetween({ from, to }, pieces, wanted, isBackward, limit);
  // The limit inside keeps the planner from joining by `xid`, which has no index, over the whole table.
  const rows = await db.$queryRaw<{ number: number; seq: number }[]>`
    SELECT p.number::float8 AS number, found.seq::float8 AS seq
    FROM unnest(
      ${pieces.map(({ commit }) => BigInt(commit.number))}::bigint[], ${pieces.map(({ commit }) => BigInt(commit.xid))}::bigint[],
      ${pieces.map(({ from }) => BigInt(from))}::bigint[], ${pieces.map(({ to }) => BigInt(to))}::bigint[]
    ) AS p(number, xid, first, last)
    CROSS JOIN LATERAL (
      SELECT e.seq FROM change_entry e
      WHERE e.seq BETWEEN p.first AND p.last AND e.xid = p.xid AND ${Prisma.join(wanted, ' AND ')}
      ORDER BY e.seq ${order} LIMIT ${limit}::int
    ) found
    ORDER BY p.number ${order}, found.seq ${order} LIMIT ${limit}::int`;
  const commits = new Map(pieces.map(({ commit }) => [commit.number, commit]));
  return rows.flatMap(({ number, seq }) => {
    const commit = commits.get(number);
    return commit ? [{ commit, seq }] : [];
  });
}

/** The same where the pieces lie close together, which is how few of many are found soon. */
async function entriesBetween(
  { from, to }: Pick<Piece, 'from' | 'to'>,
  pieces: readonly Piece[],
  wanted: readonly Prisma.Sql[],
  isBackward: boolean,
  limit: number,
): Promise<EntryPlace[]> {
  const rows = await db.$queryRaw<{ seq: number; xid: string }[]>`
    SELECT e.seq::float8 AS seq, e.xid::text AS xid FROM change_entry e
    WHERE e.seq BETWEEN ${from}::bigint AND ${to}::bigint AND ${Prisma.join([...wanted], ' AND ')} ORDER BY e.seq`;
  const byXid = Map.groupBy(rows, ({ xid }) => xid);
  const places = pieces.flatMap((piece) => {
    const own = (byXid.get(piece.commit.xid) ?? []).filter(({ seq }) => seq >= piece.from && seq <= piece.to);
    return (isBackward ? own.reverse() : own).map(({ seq }) => ({ commit: piece.commit, seq }));
  });
  return places.slice(0, limit);
}
