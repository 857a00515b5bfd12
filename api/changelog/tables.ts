/** What the catalogue of the database says of the captured tables: of which kind a column is, and what names a row. */
import type { Tx } from '../database/db.ts';
import { notCaptured } from './capture.ts';

/** How a column's value is written as SQL: `array` as text in braces, and `text` is whatever PostgreSQL reads from a quoted text. */
export type ColumnKind = 'number' | 'boolean' | 'json' | 'array' | 'text';

export interface Table {
  readonly name: string;
  readonly columns: ReadonlyMap<string, ColumnKind>;
  /** Columns that are NULL where an INSERT does not name them. */
  readonly nullByDefault: ReadonlySet<string>;
  /** Columns that cannot be written, since the database computes them. */
  readonly generated: ReadonlySet<string>;
  /** The columns of the primary key, in its order. */
  readonly key: readonly string[];
}

export type Tables = ReadonlyMap<string, Table>;

/** Of the schema that the connection is in. */
export async function readTables(reader: Pick<Tx, '$queryRaw'>): Promise<Tables> {
  const rows = await reader.$queryRaw<
    {
      name: string;
      columns: Record<string, ColumnKind>;
      generated: string[];
      nullByDefault: string[];
      key: string[] | null;
    }[]
  >`
    SELECT c.relname AS name,
      jsonb_object_agg(a.attname, CASE
        WHEN t.typname IN ('json', 'jsonb') THEN 'json'
        WHEN t.typcategory = 'A' THEN 'array'
        WHEN t.typcategory = 'N' THEN 'number'
        WHEN t.typcategory = 'B' THEN 'boolean'
        ELSE 'text' END) AS columns,
      coalesce(array_agg(a.attname::text) FILTER (WHERE a.attgenerated <> ''), '{}') AS generated,
      coalesce(array_agg(a.attname::text) FILTER (WHERE NOT a.atthasdef AND a.attidentity = ''), '{}') AS "nullByDefault",
      (SELECT array_agg(k.attname::text ORDER BY array_position(i.indkey::int2[], k.attnum)) FROM pg_index i
        JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary) AS key
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
      AND c.relname <> ALL (${Object.keys(notCaptured)}::text[])
    GROUP BY c.oid, c.relname ORDER BY c.relname`;
  return new Map(
    rows.map(({ name, columns, generated, nullByDefault, key }) => [
      name,
      {
        name,
        columns: new Map(Object.entries(columns)),
        generated: new Set(generated),
        nullByDefault: new Set(nullByDefault),
        key: key ?? [],
      },
    ]),
  );
}
