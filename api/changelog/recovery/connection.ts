/** A database that is replayed into, or read: one connection of ours, or a transaction of the server's client. */
import type { PGlite } from '@electric-sql/pglite';
import { Client, type QueryResult, types } from 'pg';

import type { Tx } from '../../database/db.ts';

/** Rows are read as Prisma's client reads them, so that what reads the catalogue takes either. */
export interface Connection {
  readonly $queryRaw: Tx['$queryRaw'];
  readonly $queryRawUnsafe: Tx['$queryRawUnsafe'];
  /** Runs all of them, and resolves to how many rows each touched. */
  run(statements: readonly string[]): Promise<number[]>;
}

export function ofTransaction(tx: Tx): Connection {
  return {
    $queryRaw: tx.$queryRaw.bind(tx),
    $queryRawUnsafe: tx.$queryRawUnsafe.bind(tx),
    async run(statements) {
      const counts: number[] = [];
      for (const statement of statements) counts.push(await tx.$executeRawUnsafe(statement));
      return counts;
    },
  };
}

export async function connectServer(connectionString: string): Promise<Connection & { close(): Promise<void> }> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000, keepAlive: true });
  // The statement that is under way fails too.
  client.on('error', () => undefined);
  await client.connect();
  return {
    ...queries((sql, values) => client.query<object>(sql, values).then(({ rows }) => rows)),
    async run(statements) {
      // Several statements in one text: one trip to the server.
      const results = (await client.query(statements.join('\n'))) as QueryResult | QueryResult[];
      return (Array.isArray(results) ? results : [results]).map(({ rowCount }) => rowCount ?? 0);
    },
    close: () => client.end(),
  };
}

/** The driver's types know its own names for the numbers alone. */
const parserOf = types.getTypeParser as unknown as (type: number) => (text: string) => unknown;

export function ofPGlite(pglite: PGlite): Connection {
  return {
    ...queries(async (sql, values) => {
      const { rows, fields } = await pglite.query<Record<string, unknown>>(sql, values);
      // Prisma's adapter, which applies the migrations, makes texts of what PGlite would parse (database/pglite.ts).
      for (const row of rows)
        for (const { name, dataTypeID } of fields) {
          const value = row[name];
          if (typeof value === 'string') row[name] = parserOf(dataTypeID)(value);
        }
      return rows;
    }),
    async run(statements) {
      const results = await pglite.exec(statements.join('\n'));
      // PGlite adds them up from statement to statement.
      return results.map(({ affectedRows = 0 }, index) => affectedRows - (results[index - 1]?.affectedRows ?? 0));
    },
  };
}

type Query = (sql: string, values: unknown[]) => Promise<object[]>;

function queries(query: Query): Pick<Connection, '$queryRaw' | '$queryRawUnsafe'> {
  return {
    $queryRaw: ((strings: TemplateStringsArray, ...values: unknown[]) =>
      query(
        strings.reduce((sql, part, index) => `${sql}$${index}${part}`),
        values,
      )) as Tx['$queryRaw'],
    $queryRawUnsafe: ((sql: string, ...values: unknown[]) => query(sql, values)) as Tx['$queryRawUnsafe'],
  };
}
