/** Databases beside the one of a test file: migrated, without rows, in memory or on the server that the tests are run against. */
import { readFile } from 'node:fs/promises';

import { PGlite } from '@electric-sql/pglite';
import { inject } from 'vitest';

import { connectServer, type Connection } from '../changelog/recovery/connection.ts';
import { inPGlite, type Target } from '../changelog/recovery/target.ts';
import { migrationAdapter } from '../database/postgres.ts';
import { onServer } from './image.ts';

/** For a test's own statements too. */
export async function anotherDatabase(): Promise<Target> {
  const image = inject('image');
  if ('file' in image) {
    const pglite = await PGlite.create({ loadDataDir: new Blob([await readFile(image.file)]) });
    return { ...inPGlite(pglite), finish: () => Promise.resolve(), [Symbol.asyncDispose]: () => pglite.close() };
  }
  const name = `confab_${crypto.randomUUID().replaceAll('-', '')}`;
  await onServer(image.url, `CREATE DATABASE ${name} TEMPLATE ${image.template}`);
  const url = new URL(image.url);
  url.pathname = `/${name}`;
  const connection = await connectServer(url.href);
  return {
    connection,
    adapter: migrationAdapter({ connectionString: url.href, idleTimeoutMillis: 100 }),
    finish: () => Promise.resolve(),
    async [Symbol.asyncDispose]() {
      await connection.close();
      await onServer(image.url, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** All statements in one transaction. */
export async function inTransaction(connection: Connection, ...statements: string[]): Promise<void> {
  await connection.run(['BEGIN;', ...statements, 'COMMIT;']);
}
