/**
 * What administrators see of each column that can hold text. Columns of other types (ids, numbers, times, enums) are always shown. A
 * column that is in no list here is masked, and a test fails until it is in one.
 */
import { db } from '../database/db.ts';

interface TextColumns {
  /** Names, addresses and settings, which administrators see elsewhere too. */
  readonly shown?: readonly string[];
  /** Words of people and of models: only their length and a keyed hash are shown. */
  readonly masked?: readonly string[];
  /** Hashes and tokens: not even that they are there. */
  readonly hidden?: readonly string[];
}

export const textColumns: Readonly<Record<string, TextColumns>> = {
  account: {
    shown: ['account_id', 'provider_id', 'scope'],
    hidden: ['access_token', 'refresh_token', 'id_token', 'password'],
  },
  // The hash of an input is one of a person's words, and has no key: the words could be guessed.
  agent: { shown: ['handle', 'name', 'description', 'model', 'instructions'], hidden: ['input_hash'] },
  api_token: { shown: ['name', 'prefix', 'document_ids', 'last_used_address'], hidden: ['secret_hash'] },
  chat: { masked: ['title', 'topic'], hidden: ['prompt_mark', 'input_hash'] },
  context_file: { masked: ['content'] },
  context_version: { masked: ['content'] },
  former_handle: { shown: ['name'] },
  handle: { shown: ['name'] },
  invitation: { hidden: ['token_hash'] },
  mention: { shown: ['name', 'refusal'] },
  message: { masked: ['content', 'parts', 'edited_content', 'event'], hidden: ['input_hash'] },
  reaction: { shown: ['emoji'] },
  run: { shown: ['model', 'error', 'context_versions', 'trace_parent'], hidden: ['input_hash'] },
  user: { shown: ['email', 'name', 'image'], hidden: ['input_hash'] },
};

/** A migration that was applied is an entry of no table. */
const migration: TableView = { relation: 'migration', key: ['name'], shown: ['name', 'checksum'], hidden: [] };

/** How the rows of a table are shown. What is neither shown nor hidden is masked. */
export interface TableView {
  readonly relation: string;
  /** The columns of the primary key, in its order. */
  readonly key: readonly string[];
  readonly shown: readonly string[];
  readonly hidden: readonly string[];
}

export interface Column {
  readonly relation: string;
  readonly name: string;
  /** Whether it can hold any text, as `jsonb` and arrays of texts can. */
  readonly isText: boolean;
  /** Its place in the primary key, from 1; null: it is not in it. */
  readonly keyPlace: number | null;
}

/** All columns of all tables, as the database itself has them. */
export function readColumns(): Promise<Column[]> {
  return db.$queryRaw<Column[]>`
    SELECT c.relname::text AS relation, a.attname::text AS name,
      (coalesce(e.typcategory, t.typcategory) = 'S' OR coalesce(e.typname, t.typname) IN ('json', 'jsonb', 'bytea', 'xml')) AS "isText",
      array_position(i.indkey::int2[], a.attnum) + 1 AS "keyPlace"
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    ORDER BY c.relname, a.attnum`;
}

let views: Promise<TableView[]> | null = null;

/** Read once: migrations run before the first request, and a column of a later one is masked. */
export function tableViews(): Promise<TableView[]> {
  views ??= readViews().catch((error: unknown) => {
    views = null;
    throw error;
  });
  return views;
}

async function readViews(): Promise<TableView[]> {
  const columns = Map.groupBy(await readColumns(), ({ relation }) => relation);
  const tables = [...columns].map(([relation, own]): TableView => {
    const { shown = [], hidden = [] } = textColumns[relation] ?? {};
    const inKey = own.filter(({ keyPlace }) => keyPlace !== null);
    return {
      relation,
      key: inKey.toSorted((one, other) => Number(one.keyPlace) - Number(other.keyPlace)).map(({ name }) => name),
      shown: own.filter(({ name, isText }) => !isText || shown.includes(name)).map(({ name }) => name),
      hidden,
    };
  });
  return [...tables, migration];
}
