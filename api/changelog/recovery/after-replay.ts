/** What the statements themselves do not see to: foreign keys, which were not checked, and sequences. */
import { readTables } from '../tables.ts';
import type { Connection } from './connection.ts';
import { LogError } from './log-error.ts';

/** Throws a `LogError` that names the first foreign key which does not hold. */
export async function checkForeignKeys(connection: Connection): Promise<void> {
  const keys = await connection.$queryRaw<{ name: string; child: string; parent: string; pairs: [string, string][] }[]>`
    SELECT conname AS name, conrelid::regclass::text AS child, confrelid::regclass::text AS parent,
      (SELECT jsonb_agg(jsonb_build_array(quote_ident(c.attname), quote_ident(p.attname))) FROM unnest(conkey, confkey) AS k(ours, theirs)
        JOIN pg_attribute c ON c.attrelid = conrelid AND c.attnum = k.ours
        JOIN pg_attribute p ON p.attrelid = confrelid AND p.attnum = k.theirs) AS pairs
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conname`;
  for (const { name, child, parent, pairs } of keys) {
    const isSet = pairs.map(([column]) => `c.${column} IS NOT NULL`).join(' AND ');
    const isThere = pairs.map(([column, target]) => `p.${target} = c.${column}`).join(' AND ');
    const [row] = await connection.$queryRawUnsafe<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM ${child} c WHERE ${isSet} AND NOT EXISTS (SELECT FROM ${parent} p WHERE ${isThere})`,
    );
    if (row && row.count > 0)
      throw new LogError(
        `The foreign key ${name} of ${child} does not hold for ${row.count} rows: what they name in ${parent} is not there`,
      );
  }
}

/** Ids are UUIDs; a column with a sequence of its own goes on behind its largest value. */
export async function setSequences(connection: Connection): Promise<void> {
  const tables = await readTables(connection);
  const owned = await connection.$queryRaw<{ sequence: string; relation: string; name: string; column: string }[]>`
    SELECT d.objid::regclass::text AS sequence, d.refobjid::regclass::text AS relation, c.relname AS name, quote_ident(a.attname) AS "column"
    FROM pg_depend d
    JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    JOIN pg_class c ON c.oid = d.refobjid AND c.relnamespace = current_schema()::regnamespace
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')`;
  for (const { sequence, relation, name, column } of owned)
    if (tables.has(name))
      await connection.$queryRawUnsafe(
        `SELECT setval($1::text::regclass, coalesce(max(${column}), 0)::bigint + 1, false)::text FROM ${relation}`,
        sequence,
      );
}
