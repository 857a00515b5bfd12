/** The database that a replay makes: on a server, or in a data folder. It must be empty. */
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';

import { prepareDataFolder } from '../../database/data-folder.ts';
import { lockFolder } from '../../database/db.ts';
import { PGliteAdapter } from '../../database/pglite.ts';
import { lockMigrations, migrationAdapter, prepareServer } from '../../database/postgres.ts';
import { placeOfServer, readPostgresUrl } from '../../postgres-url.ts';
import { connectServer, type Connection, ofPGlite } from './connection.ts';
import { LogError } from './log-error.ts';

export interface Target extends AsyncDisposable {
  readonly connection: Connection;
  /** For migrations. */
  readonly adapter: SqlMigrationAwareDriverAdapterFactory;
  /** The replay is over: only now the database is where a server finds it, if it is a folder's. */
  finish(): Promise<void>;
}

export const isServer = (into: string) => /^postgres(ql)?:\/\//.test(into);

export function openTarget(into: string): Promise<Target> {
  return isServer(into) ? openServer(into) : openFolder(resolve(into));
}

async function openServer(url: string): Promise<Target> {
  await prepareServer(url);
  const { connectionString, schema } = readPostgresUrl(url);
  // A server that is started meanwhile waits, or says that it cannot start.
  const lock = await lockMigrations(url);
  const connection = await connectServer(connectionString);
  const dispose = async () => {
    await connection.close().catch(() => undefined);
    await lock[Symbol.asyncDispose]();
  };
  try {
    await requireEmpty(connection, url);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    connection,
    adapter: migrationAdapter({ connectionString, idleTimeoutMillis: 1_000 }, schema === undefined ? {} : { schema }),
    finish: () => Promise.resolve(),
    [Symbol.asyncDispose]: dispose,
  };
}

async function requireEmpty(connection: Connection, url: string): Promise<void> {
  const relations = await connection.$queryRaw<{ name: string }[]>`
    SELECT relname::text AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    ORDER BY relname`;
  const [first] = relations;
  if (first)
    throw new LogError(
      `The database at ${placeOfServer(url)} is not empty, it has ${relations.length} tables and sequences, as "${first.name}": make a new one`,
    );
}

async function openFolder(folder: string): Promise<Target> {
  const path = join(folder, 'pglite');
  const requireNone = () => {
    if (existsSync(path))
      throw new LogError(`There is a database in ${folder}: name another folder, or move ${path} away`);
  };
  requireNone();
  prepareDataFolder(folder);
  const lock = lockFolder(folder);
  // Made beside its place: half a database would be taken for a whole one at the next start.
  const unfinished = join(folder, 'pglite.unfinished');
  let pglite: PGlite | null = null;
  try {
    requireNone();
    await rm(unfinished, { recursive: true, force: true });
    pglite = await PGlite.create({ dataDir: unfinished });
  } catch (error) {
    lock.close();
    throw error;
  }
  const database = pglite;
  return {
    ...inPGlite(database),
    async finish() {
      await database.close();
      await rename(unfinished, path);
      const directory = await open(folder);
      await directory.sync();
      await directory.close();
    },
    async [Symbol.asyncDispose]() {
      if (!database.closed) await database.close();
      await rm(unfinished, { recursive: true, force: true });
      lock.close();
    },
  };
}

/** In memory. */
export async function temporaryTarget(): Promise<Target> {
  const pglite = await PGlite.create();
  return {
    ...inPGlite(pglite),
    finish: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => pglite.close(),
  };
}

/** Both of one instance. */
export function inPGlite(pglite: PGlite): Pick<Target, 'connection' | 'adapter'> {
  return { connection: ofPGlite(pglite), adapter: new PGliteAdapter(pglite) };
}
