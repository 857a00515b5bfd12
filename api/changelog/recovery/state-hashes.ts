/** A hash for all rows of each captured table: whether two databases hold the same. */
import type { Tx } from '../../database/db.ts';
import { readTables } from '../tables.ts';

export interface TableState {
  readonly rows: number;
  readonly hash: string;
}

/**
 * By table. The sum of the rows' hashes, so that it needs neither an order nor memory, and databases with other collations agree. It finds
 * differences, and is no proof against rows that are forged for it.
 */
export async function stateHashes(reader: Pick<Tx, '$queryRaw' | '$queryRawUnsafe'>): Promise<Map<string, TableState>> {
  const states = new Map<string, TableState>();
  for (const { name } of (await readTables(reader)).values()) {
    const [state] = await reader.$queryRawUnsafe<[{ rows: number; hash: string }]>(hashOf(name));
    states.set(name, state);
  }
  return states;
}

/** Texts of rows depend on three settings of the session, which are set for the statement. */
function hashOf(table: string): string {
  return `
    WITH settings AS MATERIALIZED (
      SELECT set_config('TimeZone', 'UTC', true) || set_config('bytea_output', 'hex', true)
        || set_config('IntervalStyle', 'postgres', true) AS text
    ), hashed AS (
      SELECT encode(sha256(convert_to(to_jsonb(t.*)::text || left(settings.text, 0), 'UTF8')), 'hex') AS hash
      FROM settings, "${table.replaceAll('"', '""')}" t
    )
    SELECT count(*)::int AS rows,
      coalesce(sum(('x' || substr(hash, 1, 15))::bit(60)::bigint)::text || '-' || sum(('x' || substr(hash, 16, 15))::bit(60)::bigint)::text, '')
        AS hash
    FROM hashed`;
}

/** Tables whose rows differ, with both states. */
export function differences(
  ours: ReadonlyMap<string, TableState>,
  theirs: ReadonlyMap<string, TableState>,
): { table: string; ours: TableState | undefined; theirs: TableState | undefined }[] {
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .map((table) => ({ table, ours: ours.get(table), theirs: theirs.get(table) }))
    .filter(({ ours, theirs }) => ours?.hash !== theirs?.hash || ours?.rows !== theirs?.rows);
}
