/** The one database and its only client: PGlite in this process, or a PostgreSQL server where DATABASE_URL is set. */
import { existsSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { PGlite } from '@electric-sql/pglite';
import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { Pool } from 'pg';

import { dataFolderError, isTooFull, prepareDataFolder } from './data-folder.ts';
import { SettingError } from '../env.ts';
import { PrismaClient } from '../generated/prisma/client.ts';
import { log } from '../log.ts';
import { PGliteAdapter } from './pglite.ts';
import { migrationAdapter } from './postgres.ts';
import { readPostgresUrl } from '../postgres-url.ts';

/** What a transaction hands to its work. On PGlite there is one connection: inside it, use nothing else. */
export type Tx = Omit<PrismaClient, '$connect' | '$disconnect' | '$on' | '$transaction' | '$use' | '$extends'>;

export type DatabasePlace =
  | { url: string }
  | { folder: string }
  /** In memory, from a copy of a data folder: how each test file gets a migrated database of its own. */
  | { image: Blob };

export interface Database {
  /** For migrations, which take as long as they take. */
  readonly adapter: SqlMigrationAwareDriverAdapterFactory;
  readonly isEmbedded: boolean;
  /** Of the connections to a server; null where the database is embedded. */
  readonly poolState: (() => PoolState) | null;
  /** Resolves when everything acknowledged is on the disk and the folder is free again. */
  close(): Promise<void>;
}

export interface PoolState {
  total: number;
  idle: number;
  /** Requests that wait for a connection. */
  waiting: number;
}

/** The client. Set by `openDatabase`, which a process calls once, before anything else. */
export let db: PrismaClient;

/** Longest silence of a connection with a statement under way. No statement of ours takes near as long. */
const SILENCE_MS = 20_000;

export async function openDatabase(place: DatabasePlace, silenceMs = SILENCE_MS): Promise<Database> {
  const { database, adapter } = 'url' in place ? openServer(place.url, silenceMs) : await openEmbedded(place);
  db = new PrismaClient({ adapter, transactionOptions: { maxWait: 15_000, timeout: 30_000 } });
  const client = db;
  return {
    ...database,
    async close() {
      await client.$disconnect();
      await database.close();
    },
  };
}

/** The database, and what our client reaches it by. */
interface Opened {
  database: Database;
  adapter: SqlMigrationAwareDriverAdapterFactory;
}

function openServer(url: string, silenceMs: number): Opened {
  const { connectionString, schema } = readPostgresUrl(url);
  const settings = { connectionString, connectionTimeoutMillis: 5_000, keepAlive: true };
  // Prisma writes the schema's name into its own SQL; raw SQL finds it by the connection's search path.
  const prisma = schema === undefined ? {} : { schema };
  const pool = new Pool(settings);
  // The driver's own limit gives a query up and keeps its connection, which would then hold up the next one.
  pool.on('connect', ({ connection: { stream } }) => {
    (stream as Socket).setTimeout(silenceMs, () => stream.destroy(new Error('PostgreSQL is silent')));
  });
  // An idle connection that breaks is replaced when one is needed; unheard, its error would end the process.
  pool.on('error', (error) => log.warn({ error }, 'An idle connection to PostgreSQL broke'));
  return {
    adapter: new PrismaPg(pool, prisma),
    database: {
      adapter: migrationAdapter({ ...settings, idleTimeoutMillis: 1_000 }, prisma),
      isEmbedded: false,
      poolState: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
      close: () => pool.end(),
    },
  };
}

async function openEmbedded(place: { folder: string } | { image: Blob }): Promise<Opened> {
  if ('image' in place) {
    const pglite = await PGlite.create({ loadDataDir: place.image });
    return embedded(pglite, () => pglite.close());
  }

  prepareDataFolder(place.folder);
  const lock = lockFolder(place.folder);
  try {
    const pglite = await openFolder(place.folder);
    return embedded(pglite, async () => {
      await pglite.close();
      lock.close();
    });
  } catch (error) {
    lock.close();
    throw error;
  }
}

async function openFolder(folder: string): Promise<PGlite> {
  const dataDir = join(folder, 'pglite');
  const isNew = !existsSync(dataDir);
  try {
    return await PGlite.create({ dataDir });
  } catch (cause) {
    const isFull = isTooFull(folder, isNew);
    // Half a database would be taken for a whole one at the next start.
    if (isNew) rmSync(dataDir, { recursive: true, force: true });
    throw isFull ? dataFolderError(folder, 'ENOSPC', cause) : cause;
  }
}

function embedded(pglite: PGlite, close: () => Promise<void>): Opened {
  const adapter = new PGliteAdapter(pglite);
  return { adapter, database: { adapter, isEmbedded: true, poolState: null, close } };
}

/**
 * Two processes on one PGlite folder destroy it. A file with a process id in it would outlive `kill -9` and lie in a container,
 * where every process is number 1; a lock that the system itself lets go of does neither, and SQLite is the way Node offers one.
 */
export function lockFolder(folder: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(folder, 'lock'));
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY)
      throw dataFolderError(folder, lockProblem(error), error);
    throw new SettingError(
      `The data folder ${folder} is in use by another Confab: stop that one, or give this one a DATA_DIR and PORT of its own.`,
      { cause: error },
    );
  }
}

const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;

function lockProblem(error: unknown): string {
  return (error as { errcode?: number }).errcode === SQLITE_FULL ? 'ENOSPC' : (error as Error).message;
}
