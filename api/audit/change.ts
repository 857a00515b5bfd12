/** One row that was written, as administrators are shown it. Masked in the database: words of people do not come into this process. */
import { db } from '../database/db.ts';
import { shareRead } from '../database/shared-reads.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { type TableView, tableViews } from './columns.ts';
import { maskOf } from './mask.ts';

/** A transaction that is in a file of the change log. */
export interface Commit {
  readonly number: number;
  readonly xid: string;
  readonly began: Date;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** As `change_entry` has it: "USER id". */
  readonly actor: string;
  readonly requestId: string | null;
}

export type ChangeOperation = 'INSERT' | 'UPDATE' | 'DELETE' | 'MIGRATION';

export interface Change {
  readonly commit: Commit;
  readonly seq: number;
  readonly table: string;
  readonly operation: ChangeOperation;
  /** Null where the row was erased. */
  readonly rowId: string | null;
  readonly isErased: boolean;
  readonly fields: readonly ChangedField[];
  /** Roughly, as JSON. */
  readonly bytes: number;
}

export interface ChangedField {
  readonly name: string;
  readonly isMasked: boolean;
  /** As JSON; null: there was no row. */
  readonly before: string | null;
  readonly after: string | null;
}

/** The place of a change in the log: which transaction, and which of its entries. */
export interface EntryPlace {
  readonly commit: Commit;
  readonly seq: number;
}

/** A value as JSON; words are masked; null: there is no row. */
type Side = string | { length: number; sha256: string } | null;

interface EntryRow {
  seq: number;
  relation: string;
  operation: ChangeOperation;
  rowId: string | null;
  isErased: boolean;
  fields: { name: string; isMasked: boolean; before: Side; after: Side }[] | null;
}

/** Of one statement. Rows of any size may be among them, so there are few. */
const CHUNK = 20;
const OTHER_BYTES = 300;

/**
 * The changes at these places, in their order, a few at a time, so that a reader who has enough stops. Those whose rows are gone
 * meanwhile are left out. `isShared`: several streams may want the same.
 */
export async function* loadChanges(places: readonly EntryPlace[], isShared = false): AsyncGenerator<Change[]> {
  const views = await tableViews();
  for (let from = 0; from < places.length; from += CHUNK) {
    const chunk = places.slice(from, from + CHUNK);
    const seqs = chunk.map(({ seq }) => seq);
    const read = () => readEntries(seqs, views);
    const rows = await (isShared ? shareRead(['changes', seqs], read) : read());
    const bySeq = new Map(rows.map((row) => [row.seq, row]));
    yield chunk.flatMap(({ commit, seq }) => {
      const row = bySeq.get(seq);
      return row ? [changeOf(commit, row)] : [];
    });
  }
}

function readEntries(seqs: readonly number[], views: readonly TableView[]): PromiseLike<EntryRow[]> {
  return db.$queryRaw<EntryRow[]>`
    WITH view AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(views)}::jsonb)
        AS v(relation text, key text[], shown text[], hidden text[])
    )
    SELECT e.seq::float8 AS seq, e.relation, e.operation::text AS operation,
      e.before IS NULL AND e.after IS NULL
        OR e.operation = 'UPDATE' AND (e.before IS NULL OR e.after IS NULL) AS "isErased",
      (SELECT string_agg(coalesce(e.before, e.after) ->> k.name, ' ' ORDER BY k.place)
        FROM unnest(view.key) WITH ORDINALITY AS k(name, place)) AS "rowId",
      (SELECT jsonb_agg(jsonb_build_object(
          'name', f.name,
          'isMasked', NOT f.is_shown,
          'before', ${side(Prisma.sql`e.before`)},
          'after', ${side(Prisma.sql`e.after`)}
        ) ORDER BY f.name)
        FROM (
          SELECT name, name = ANY (coalesce(view.shown, '{}')) AS is_shown
          FROM jsonb_object_keys(coalesce(e.after, e.before)) AS k(name)
          WHERE name <> ALL (coalesce(view.hidden, '{}'))
            AND (e.before IS NULL OR e.after IS NULL OR e.before -> name IS DISTINCT FROM e.after -> name)
        ) f) AS fields
    FROM change_entry e LEFT JOIN view ON view.relation = e.relation
    WHERE e.seq = ANY (${seqs.map(BigInt)}::bigint[])`;
}

/** The value of the field `f` in that row. */
function side(row: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`CASE
    WHEN ${row} IS NULL THEN NULL
    WHEN f.is_shown OR ${row} ->> f.name IS NULL THEN to_jsonb(coalesce((${row} -> f.name)::text, 'null'))
    ELSE jsonb_build_object(
      'length', length(${row} ->> f.name),
      'sha256', encode(sha256(convert_to(${row} ->> f.name, 'UTF8')), 'hex')
    ) END`;
}

function changeOf(commit: Commit, { seq, relation, operation, rowId, isErased, fields }: EntryRow): Change {
  const text = (value: Side) => {
    if (value === null || typeof value === 'string') return value;
    return JSON.stringify({ length: value.length, hash: maskOf(relation, rowId ?? '', value.sha256) });
  };
  const changed = (fields ?? []).map(({ before, after, ...field }) => ({
    ...field,
    before: text(before),
    after: text(after),
  }));
  const bytes = changed.reduce((sum, { before, after }) => sum + (before?.length ?? 4) + (after?.length ?? 4) + 60, 0);
  return { commit, seq, table: relation, operation, rowId, isErased, fields: changed, bytes: bytes + OTHER_BYTES };
}
