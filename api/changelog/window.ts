/**
 * Which transactions are ready to be written, and in which order: whole ones, by the number of their last entry. Two that touch the same
 * row are so in the order of their commits, since the later one waited for the earlier one's lock before it drew its last number.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { db, type Tx } from '../database/db.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { secretTables } from './capture.ts';

export interface Transaction {
  readonly xid: number;
  /** ISO 8601 in UTC, with microseconds. */
  readonly began: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly actor: string;
  readonly requestId: string | null;
  /** Statements of the main file, and of the secrets file. */
  readonly entries: number;
  readonly secretEntries: number;
  /** As stored, which is compressed. */
  readonly bytes: number;
}

export interface Entry {
  readonly seq: number;
  readonly xid: number;
  readonly relation: string;
  readonly operation: 'INSERT' | 'UPDATE' | 'DELETE' | 'MIGRATION';
  readonly before: string | null;
  readonly after: string | null;
}

export interface Window {
  readonly transactions: readonly Transaction[];
  /** When all of them are written: every entry up to here is. */
  readonly doneSeq: number;
}

/** For a window without an end: where no transaction is open while it is read. */
export const ALL = Number.MAX_SAFE_INTEGER;

type Reader = Pick<Tx, '$queryRaw'>;

/** The last number that was drawn for an entry, by whomever; it may have been rolled back. */
export async function lastDrawn(reader: Reader = db): Promise<number> {
  const [row] = await reader.$queryRaw<{ drawn: number }[]>`
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END::float8 AS drawn FROM change_entry_seq_seq`;
  return row?.drawn ?? 0;
}

/**
 * The last entry of a snapshot with no transaction in progress. Not `lastDrawn`: a sequence belongs to no snapshot, and others may have drawn
 * numbers since for what is not in it.
 */
export async function lastEntry(tx: Reader): Promise<number> {
  const [row] = await tx.$queryRaw<{ seq: number }[]>`SELECT coalesce(max(seq), 0)::float8 AS seq FROM change_entry`;
  return row?.seq ?? 0;
}

/**
 * Waits until every transaction that has drawn a number up to now is committed or rolled back. They all have ids below that of a
 * transaction which begins after the number was read. Taking `pg_snapshot_xmax` for it loses rows: running transactions can be above.
 * `pause` is called between two looks; it may throw to end the waiting.
 */
export async function settle(pause: () => Promise<void>): Promise<void> {
  const [barrier] = await db.$queryRaw<{ xid: number }[]>`SELECT pg_current_xact_id()::text::float8 AS xid`;
  for (let wait = 5; ; wait = Math.min(wait * 2, 200)) {
    const [oldest] = await db.$queryRaw<{ xid: number }[]>`
      SELECT pg_snapshot_xmin(pg_current_snapshot())::text::float8 AS xid`;
    if ((oldest?.xid ?? 0) >= (barrier?.xid ?? 0)) return;
    await pause();
    await delay(wait);
  }
}

/**
 * Of the transactions that are in no file, the first so many whose last entry is `upTo` at most. The least of what comes later is taken from the
 * end, since a frame whose start moves is computed again for each row: with a day's changes waiting, that took hours. Only after `settle`, or in a snapshot in
 * which no other transaction writes. Entries up to `doneSeq` are in files.
 */
export async function readWindow(reader: Reader, doneSeq: number, upTo: number, limit: number): Promise<Window> {
  const rows = await reader.$queryRaw<(Transaction & { nextFirst: number | null })[]>`
    WITH pending AS (
      SELECT xid, began, min(seq) AS first_seq, max(seq) AS last_seq, min(actor) AS actor, min(request_id) AS request_id,
        count(*) FILTER (WHERE relation <> ALL (${[...secretTables]}::text[]) AND operation <> 'MIGRATION') AS entries,
        count(*) FILTER (WHERE relation = ANY (${[...secretTables]}::text[])) AS secret_entries,
        sum(coalesce(pg_column_size(before), 0) + coalesce(pg_column_size(after), 0)) AS bytes
      FROM change_entry WHERE seq > ${doneSeq}::bigint GROUP BY xid, began
    ), waiting AS (
      SELECT *, min(first_seq) OVER (ORDER BY last_seq DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS next_first
      FROM pending WHERE NOT EXISTS (SELECT FROM change_commit c WHERE c.last_seq = pending.last_seq)
    )
    SELECT xid::float8, to_char(began AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS began,
      first_seq::float8 AS "firstSeq", last_seq::float8 AS "lastSeq", actor, request_id AS "requestId", entries::int,
      secret_entries::int AS "secretEntries", bytes::float8, next_first::float8 AS "nextFirst"
    FROM waiting WHERE last_seq <= ${upTo}::bigint ORDER BY last_seq LIMIT ${limit}::int`;
  const last = rows.at(-1);
  if (!last) return { transactions: [], doneSeq };
  // Not beyond `upTo`: a transaction that goes on may have drawn a number in between.
  const next = last.nextFirst ?? (upTo === ALL ? last.lastSeq + 1 : Infinity);
  return { transactions: rows, doneSeq: Math.min(upTo, next - 1) };
}

/** All entries of these transactions, in the order of their numbers. */
export function readEntries(reader: Reader, transactions: readonly Transaction[]): Promise<Entry[]> {
  const from = Math.min(...transactions.map(({ firstSeq }) => firstSeq));
  const to = Math.max(...transactions.map(({ lastSeq }) => lastSeq));
  const xids = transactions.map(({ xid }) => BigInt(xid));
  return entriesWhere(
    reader,
    Prisma.sql`seq BETWEEN ${from}::bigint AND ${to}::bigint AND xid = ANY (${xids}::bigint[])`,
  );
}

/**
 * As one text, a line for each, since rows of their own take the client longer than all else that is done with them. JSON has neither tabs nor line
 * breaks.
 */
async function entriesWhere(reader: Reader, condition: Prisma.Sql): Promise<Entry[]> {
  const [row] = await reader.$queryRaw<{ lines: string | null }[]>`
    SELECT string_agg(concat_ws(E'\\t', seq, xid, operation, to_json(relation), coalesce(before::text, ''), coalesce(after::text, '')),
      E'\\n' ORDER BY seq) AS lines
    FROM change_entry WHERE ${condition}`;
  return (row?.lines?.split('\n') ?? []).map((line) => {
    const [seq, xid, operation, relation = '', before, after] = line.split('\t');
    return {
      seq: Number(seq),
      xid: Number(xid),
      operation: operation as Entry['operation'],
      relation: JSON.parse(relation) as string,
      before: before || null,
      after: after || null,
    };
  });
}

/** Rows of a megabyte each must fit into memory. */
const PIECE = 50;

/**
 * The same of one that is large, in pieces: each of so many numbers, though others may have drawn some of them. With a LIMIT in place of the end,
 * PostgreSQL may read and sort all of the rest for each piece, which takes the square of what there is.
 */
export async function* readLargeEntries(
  reader: Reader,
  { xid, firstSeq, lastSeq }: Transaction,
): AsyncGenerator<Entry> {
  for (let from = firstSeq; from <= lastSeq; from += PIECE) {
    const to = Math.min(lastSeq, from + PIECE - 1);
    yield* await entriesWhere(
      reader,
      Prisma.sql`seq BETWEEN ${from}::bigint AND ${to}::bigint AND xid = ${xid}::bigint`,
    );
  }
}
