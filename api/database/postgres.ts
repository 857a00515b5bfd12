/** What a start asks of a PostgreSQL server before it uses it. */
import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { Client, type DatabaseError, type PoolConfig } from 'pg';

import { SettingError } from '../env.ts';
import { placeOfServer, readPostgresUrl } from '../postgres-url.ts';

/** Long enough for another node's migrations, as a rule. */
const LOCK_WAIT_MS = 60_000;

/**
 * Checks that the server can be reached and is new enough, and makes the schema that DATABASE_URL names. By a connection of its own,
 * since what a pool says of a server that is away is not for people. Throws a `SettingError`.
 */
export async function prepareServer(url: string): Promise<void> {
  const { connectionString, schema } = readPostgresUrl(url);
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await requireVersion(client);
    if (schema !== undefined) await requireSchema(client, schema);
  } catch (cause) {
    if (cause instanceof SettingError) throw cause;
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    if (schema !== undefined && /startup parameter|options/i.test(why)) throw schemaThroughPooler(schema, cause);
    throw new SettingError(
      `The PostgreSQL server at ${placeOfServer(url)} does not let us in (${why}). Start it, or correct DATABASE_URL.`,
      { cause },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Of several nodes that start at once, one migrates and the others wait for it. The lock belongs to a transaction, not to the session:
 * PgBouncer in transaction mode hands the session to another client in between, and would keep a lock that is never released.
 */
export async function lockMigrations(url: string, waitMs = LOCK_WAIT_MS): Promise<AsyncDisposable> {
  const { connectionString } = readPostgresUrl(url);
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000, keepAlive: true });
  // The transaction ends with the connection, and the migrations say what is wrong with the server.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await client.query('SET LOCAL statement_timeout = 0');
    await client.query(`SET LOCAL lock_timeout = ${Math.max(1, Math.round(waitMs))}`);
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('confab.migrations'))`);
  } catch (cause) {
    await client.end().catch(() => undefined);
    if ((cause as DatabaseError).code !== LOCK_NOT_AVAILABLE) throw cause;
    throw new SettingError(
      `Another process has held the lock for bringing the database up to date for ${waitMs / 1000} seconds. Wait for its end and start again; if there is none, end the connection that pg_locks shows for it (locktype "advisory").`,
      { cause },
    );
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await client.query('COMMIT').catch(() => undefined);
      await client.end().catch(() => undefined);
    },
  };
}

const LOCK_NOT_AVAILABLE = '55P03';
const INSUFFICIENT_PRIVILEGE = '42501';
/** Two nodes that make the same schema at once. */
const ALREADY_THERE = new Set(['42P06', '23505']);

async function requireVersion(client: Client): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  const version = rows[0]?.version ?? 0;
  if (version < 150_000)
    throw new SettingError(`Confab needs PostgreSQL 15 or newer; this server is ${Math.floor(version / 10_000)}.`);
}

async function requireSchema(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ path: string; exists: boolean }>(
    `SELECT current_setting('search_path') AS path, EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS exists`,
    [schema],
  );
  // A pooler that drops what it does not know would put the tables elsewhere.
  if (rows[0]?.path !== schema) throw schemaThroughPooler(schema);
  if (rows[0].exists) return;
  try {
    // Checked by schemaProblem: letters, digits and underscores.
    await client.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
  } catch (cause) {
    const { code = '' } = cause as DatabaseError;
    if (ALREADY_THERE.has(code)) return;
    if (code !== INSUFFICIENT_PRIVILEGE) throw cause;
    throw new SettingError(
      `There is no schema "${schema}", and DATABASE_URL's user may not make one: CREATE SCHEMA ${schema} AUTHORIZATION that user, or take ?schema=${schema} out of DATABASE_URL.`,
      { cause },
    );
  }
}

function schemaThroughPooler(schema: string, cause?: unknown): SettingError {
  return new SettingError(
    `DATABASE_URL names the schema "${schema}", but what answers there does not take a search path for a connection, as PgBouncer does not: connect to PostgreSQL directly, or use a database of its own and take ?schema=${schema} out.`,
    { cause },
  );
}

/**
 * What migrations are applied by. Prisma's adapter cuts a script at every semicolon, also within a function or a comment; this one sends it
 * as a whole, which PostgreSQL then runs as one transaction.
 */
export function migrationAdapter(
  settings: PoolConfig,
  prisma: { schema?: string } = {},
): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(settings, prisma);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const connection = await connect();
    // Protected; only the adapter makes the errors that Prisma's engine reads.
    const { onError } = connection as unknown as { onError: (error: unknown) => never };
    connection.executeScript = (script) =>
      connection
        .underlyingDriver()
        .query(script)
        .then(() => undefined, onError.bind(connection));
    return connection;
  };
  return factory;
}
