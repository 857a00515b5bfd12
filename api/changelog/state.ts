/**
 * The one row that says how far the files reach and who writes them. The lease is by the database's clock; its epoch is the fence: a node that
 * was replaced moves the cursor no more, and what it wrote into its file meanwhile does not count.
 */
import { db, type Tx } from '../database/db.ts';
import { nodeId, SILENCE_MS } from '../nodes/heartbeat.ts';

export interface State {
  readonly epoch: number;
  /** The last transaction in the files; null where a base has to be written first. */
  readonly commit: number | null;
  readonly doneSeq: number;
  readonly hash: string;
  readonly secretsHash: string;
  readonly file: string | null;
  readonly directoryId: string | null;
  readonly chain: string | null;
  readonly migration: string;
  readonly removedUntil: number;
  /** Since when; null: none is. */
  readonly baseWantedAt: string | null;
  readonly isErasure: boolean;
  readonly baseAt: Date | null;
}

/** A transaction that is in a file, for `change_commit`. */
export interface Numbered {
  readonly number: number;
  readonly xid: number;
  /** ISO 8601 with microseconds. */
  readonly began: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly actor: string;
  readonly requestId: string | null;
  readonly relations: readonly string[];
  readonly chatIds: readonly string[];
}

export interface CursorMove {
  readonly commit: number;
  readonly doneSeq: number;
  readonly hash: string;
  readonly secretsHash: string;
  readonly file: string;
  readonly directoryId: string;
  readonly chain: string;
  readonly migration: string;
}

/** Thrown where another node has taken the lease. */
export class LeaseLost extends Error {
  override name = 'LeaseLost';
}

/** Longer than a node may be silent, so that the appender of a living node keeps it. */
const LEASE_SECONDS = SILENCE_MS / 1000;

const columns = `epoch, "commit"::float8, done_seq::float8 AS "doneSeq", hash, secrets_hash AS "secretsHash", file,
  directory_id::text AS "directoryId", chain::text, migration, removed_until::float8 AS "removedUntil",
  base_wanted_at::text AS "baseWantedAt", is_erasure AS "isErasure", base_at AS "baseAt"`;

export async function readState(reader: Pick<Tx, '$queryRawUnsafe'> = db): Promise<State> {
  const [state] = await reader.$queryRawUnsafe<State[]>(`SELECT ${columns} FROM changelog_state`);
  if (!state) throw new Error('The row of changelog_state is gone.');
  return state;
}

/** Null where another node has the lease. `isAlone`: no other process can have it, as on an embedded database. */
export async function takeLease(isAlone: boolean): Promise<State | null> {
  const [state] = await db.$queryRawUnsafe<State[]>(
    `UPDATE changelog_state
    SET epoch = epoch + 1, holder_id = $1::uuid, lease_until = clock_timestamp() + $2::float8 * interval '1 second'
    WHERE $3::boolean OR lease_until IS NULL OR lease_until < clock_timestamp()
      -- The database's clock was set back.
      OR lease_until > clock_timestamp() + 2 * $2::float8 * interval '1 second'
    RETURNING ${columns}`,
    nodeId,
    LEASE_SECONDS,
    isAlone,
  );
  return state ?? null;
}

/**
 * Begins an epoch after `epoch`, where the files are of a later one than the database knows: it went back to a copy, or is new. Throws
 * `LeaseLost`.
 */
export async function beginEpochAfter(epoch: number, state: State): Promise<State> {
  const [raised] = await db.$queryRawUnsafe<State[]>(
    `UPDATE changelog_state SET epoch = $2::int + 1 WHERE epoch = $1::int AND holder_id IS NOT NULL RETURNING ${columns}`,
    state.epoch,
    epoch,
  );
  if (!raised) throw new LeaseLost();
  return raised;
}

/** Returns the state as it is now. Throws `LeaseLost`. */
export async function renewLease(epoch: number): Promise<State> {
  const [state] = await db.$queryRawUnsafe<State[]>(
    `UPDATE changelog_state SET lease_until = clock_timestamp() + $2::float8 * interval '1 second'
    WHERE epoch = $1::int AND holder_id IS NOT NULL RETURNING ${columns}`,
    epoch,
    LEASE_SECONDS,
  );
  if (!state) throw new LeaseLost();
  return state;
}

export async function releaseLease(epoch: number): Promise<void> {
  await db.$executeRaw`
    UPDATE changelog_state SET lease_until = NULL, holder_id = NULL WHERE epoch = ${epoch}::int`;
}

/** After the files were fsynced: these transactions are in them. In one statement with the check of the epoch. Throws `LeaseLost`. */
export async function moveCursor(epoch: number, move: CursorMove, numbered: readonly Numbered[]): Promise<void> {
  const moved = await db.$queryRaw<unknown[]>`
    WITH moved AS (
      UPDATE changelog_state SET
        "commit" = ${move.commit}::bigint, done_seq = ${move.doneSeq}::bigint, hash = ${move.hash}, secrets_hash = ${move.secretsHash},
        file = ${move.file}, directory_id = ${move.directoryId}::uuid,
        chain = ${move.chain}::uuid, migration = ${move.migration}, problem = NULL,
        committed_at = coalesce(${numbered.at(-1)?.began ?? null}::timestamptz, committed_at),
        lease_until = clock_timestamp() + ${LEASE_SECONDS}::float8 * interval '1 second'
      WHERE epoch = ${epoch}::int AND holder_id IS NOT NULL RETURNING id
    ), numbered AS (
      INSERT INTO change_commit (number, xid, began, first_seq, last_seq, actor, request_id, relations, chat_ids)
      SELECT number, xid, began, "firstSeq", "lastSeq", actor, "requestId", relations, "chatIds"
      FROM moved, jsonb_to_recordset(${JSON.stringify(numbered)}::jsonb) AS t(number bigint, xid bigint, began timestamptz,
        "firstSeq" bigint, "lastSeq" bigint, actor text, "requestId" text, relations text[], "chatIds" uuid[])
    )
    SELECT id FROM moved`;
  if (moved.length === 0) throw new LeaseLost();
}

/** After the cursor is behind a base. `answered`: the wish that this base is for, null where there was none; one that came since is for another base. */
export async function noteBase(epoch: number, removedUntil: number | null, answered: string | null): Promise<void> {
  await db.$executeRaw`
    UPDATE changelog_state SET base_at = clock_timestamp(), removed_until = coalesce(${removedUntil}::bigint, removed_until),
      base_wanted_at = CASE WHEN base_wanted_at > coalesce(${answered}::timestamptz, '-infinity') THEN base_wanted_at END,
      is_erasure = is_erasure AND coalesce(base_wanted_at > coalesce(${answered}::timestamptz, '-infinity'), false)
    WHERE epoch = ${epoch}::int`;
}

/** Nothing is logged from here on: whatever comes later has to begin with a base. What waits is dropped. */
export async function forgetCursor(): Promise<void> {
  await db.$executeRaw`UPDATE changelog_state SET "commit" = NULL, lease_until = NULL, holder_id = NULL, problem = NULL`;
  await db.$executeRaw`DELETE FROM change_entry WHERE seq > (SELECT done_seq FROM changelog_state)`;
}

/** The values of entries up to that one; who wrote which row and when stays. In pieces, since there may be millions. */
export async function eraseValues(untilSeq: number): Promise<void> {
  for (let count = 1; count > 0;)
    count = await db.$executeRaw`
      UPDATE change_entry SET before = NULL, after = NULL WHERE seq IN (
        SELECT seq FROM change_entry WHERE seq <= ${untilSeq}::bigint AND (before IS NOT NULL OR after IS NOT NULL) LIMIT 2000)`;
}

/** Rows that only the page needs, older than so many days. What `change_commit` says after `done_seq` keeps the appender from writing it twice. */
export async function pruneRows(keepDays: number): Promise<void> {
  await db.$executeRaw`
    DELETE FROM change_commit WHERE last_seq <= (SELECT done_seq FROM changelog_state)
      AND began < clock_timestamp() - ${keepDays}::int * interval '1 day'`;
  for (let count = 1; count > 0;)
    count = await db.$executeRaw`
      DELETE FROM change_entry WHERE seq IN (
        SELECT seq FROM change_entry WHERE seq <= (SELECT done_seq FROM changelog_state)
          AND seq < coalesce((SELECT min(first_seq) FROM change_commit), 9223372036854775807)
          AND began < clock_timestamp() - ${keepDays}::int * interval '1 day'
        ORDER BY seq LIMIT 2000)`;
}

/** For administrators and `/metrics`: why nothing is written at present. */
export async function noteProblem(problem: string): Promise<void> {
  await db.$executeRaw`UPDATE changelog_state SET problem = ${problem}`;
}

/** A base is written as soon as the appender can. `isErasure`: files and values from before it are removed, since a person is to be forgotten. */
export async function wantBase(tx: Pick<Tx, '$executeRaw'>, isErasure: boolean): Promise<void> {
  await tx.$executeRaw`
    UPDATE changelog_state SET base_wanted_at = clock_timestamp(), is_erasure = is_erasure OR ${isErasure}::boolean`;
}

/** How many transactions wait to be written (among the first entries, where there are very many), and for how many seconds the oldest has. */
export interface Lag {
  readonly commits: number;
  readonly seconds: number;
}

export async function readLag(): Promise<Lag> {
  const [lag] = await db.$queryRaw<Lag[]>`
    WITH waiting AS (
      SELECT min(began) AS began FROM (
        SELECT seq, xid, began FROM change_entry
        WHERE seq > (SELECT done_seq FROM changelog_state) ORDER BY seq LIMIT 20000
      ) e GROUP BY xid
      HAVING NOT EXISTS (SELECT FROM change_commit c WHERE c.last_seq = max(seq))
    )
    SELECT count(*)::int AS commits, coalesce(greatest(0, extract(epoch FROM clock_timestamp() - min(began))), 0)::float8 AS seconds
    FROM waiting`;
  return lag ?? { commits: 0, seconds: 0 };
}
