/** Applies prisma/migrations with Prisma's own schema engine, in its WebAssembly build: the native one is a download. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import {
  bindMigrationAwareSqlAdapterFactory,
  isDriverAdapterError,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';

const root = join(import.meta.dirname, '../..');
const migrationsFolder = join(root, 'prisma/migrations');
const noFilters = { externalTables: [], externalEnums: [] };

/** Brings the database to the newest migration, or up to the one that is named; resolves to the names of those it applied. */
export async function migrate(adapter: SqlMigrationAwareDriverAdapterFactory, upTo?: string): Promise<string[]> {
  // Asked first, since loading the engine costs more than the rest of a start.
  if (await isCurrent(adapter, upTo)) return [];

  await forgetHalfApplied(adapter);
  using schemaEngine = await startEngine(adapter);
  const { appliedMigrationNames } = await schemaEngine.applyMigrations({
    migrationsList: listMigrations(upTo),
    filters: noFilters,
  });
  return appliedMigrationNames;
}

async function isCurrent(adapter: SqlMigrationAwareDriverAdapterFactory, upTo?: string): Promise<boolean> {
  const connection = await adapter.connect();
  try {
    const { rows } = await connection.queryRaw({
      sql: `SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
      args: [],
      argTypes: [],
    });
    const applied = new Set(rows.map(([name]) => name));
    return migrationNames(upTo).every((name) => applied.has(name));
  } catch (error) {
    // A new database has no such table; whatever else is wrong, the engine says better.
    if (isDriverAdapterError(error)) return false;
    throw error;
  } finally {
    await connection.dispose();
  }
}

/**
 * A migration is one transaction: of one that failed, or whose process was killed, nothing is left but the engine's note that it began,
 * at which every later start would stop. Whoever calls holds the lock of the migrations, so that none is under way.
 */
async function forgetHalfApplied(adapter: SqlMigrationAwareDriverAdapterFactory): Promise<void> {
  const connection = await adapter.connect();
  try {
    const sql = `UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL AND rolled_back_at IS NULL`;
    await connection.executeRaw({ sql, args: [], argTypes: [] });
  } catch (error) {
    // A new database has no such table.
    if (!isDriverAdapterError(error)) throw error;
  } finally {
    await connection.dispose();
  }
}

/**
 * The SQL that leads from the migrations to schema.prisma; empty where they agree. The adapter's database is used as the shadow:
 * give it a fresh one in memory.
 */
export async function missingMigration(
  shadow: SqlMigrationAwareDriverAdapterFactory,
  schema = schemaFile(),
): Promise<string> {
  using schemaEngine = await startEngine(shadow);
  const { stdout } = await schemaEngine.diff({
    from: { tag: 'migrations', ...listMigrations() },
    to: { tag: 'schemaDatamodel', files: [schema] },
    script: true,
    exitCode: null,
    filters: noFilters,
  });
  return stdout?.includes('This is an empty migration') ? '' : (stdout ?? '').trim();
}

async function startEngine(adapter: SqlMigrationAwareDriverAdapterFactory) {
  await loadOnce();
  return engine.SchemaEngine.new(
    { datamodels: [[schemaFile().path, schemaFile().content]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(withoutSessionLock(adapter)),
  );
}

/**
 * Drops the engine's own lock. It belongs to the session: PgBouncer in transaction mode gives the session to others, and no client releases
 * the lock, so that the next migration fails. `lockMigrations` is in its place.
 */
function withoutSessionLock(factory: SqlMigrationAwareDriverAdapterFactory): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connectToShadowDb: () => factory.connectToShadowDb(),
    async connect() {
      const connection = await factory.connect();
      const queryRaw = connection.queryRaw.bind(connection);
      const executeRaw = connection.executeRaw.bind(connection);
      const executeScript = connection.executeScript.bind(connection);
      connection.queryRaw = (query) => queryRaw({ ...query, sql: withoutLock(query.sql) });
      connection.executeRaw = (query) => executeRaw({ ...query, sql: withoutLock(query.sql) });
      connection.executeScript = (script) => executeScript(noteInChangeLog(withoutLock(script)));
      return connection;
    },
  };
}

function withoutLock(sql: string): string {
  return /^\s*SELECT pg_advisory_lock\(\d+\);?\s*$/i.test(sql) ? 'SELECT 1' : sql;
}

/**
 * The migration that made the change log. It is not in the log itself, as those before it are not: a log begins with the name of the
 * migration that its tables are at.
 */
const CHANGE_LOG = '20261129000800_changelog';

/**
 * Adds to a migration, which is one transaction, that its writes are the migration's, and the entry at which a replay applies it. Nothing
 * is noted in a database whose log is off, or has not begun.
 */
function noteInChangeLog(script: string): string {
  const migration = migrations().find(({ sql }) => sql === script);
  if (!migration || migration.name <= CHANGE_LOG) return script;
  const { name, checksum } = migration;
  return `SELECT set_config('confab.actor', 'MIGRATION ${name}', true);
${script};
INSERT INTO "change_entry" ("xid", "began", "actor", "relation", "operation", "after")
SELECT pg_current_xact_id()::text::bigint, now(), 'MIGRATION ${name}', 'migration', 'MIGRATION', '{"name":"${name}","checksum":"${checksum}"}'
WHERE EXISTS (SELECT FROM pg_trigger WHERE tgname = '000_capture_row');`;
}

/**
 * Once in a process, though this module may be evaluated again, as tests do: the bindings are shared, and what is finalized of an earlier
 * instance would be freed in the memory of the new one.
 */
function loadOnce(): Promise<void> {
  const shared = globalThis as { confabSchemaEngine?: Promise<void> };
  return (shared.confabSchemaEngine ??= loadWasm());
}

// Node has it; its types are in the browser's library, which does not belong here.
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

/** By hand, since the package's own loader is for bundlers. */
async function loadWasm(): Promise<void> {
  const bindings = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const { instance } = await WebAssembly.instantiate(readFileSync(bindings.replace(/\.js$/, '.wasm')), {
    './schema_engine_bg.js': { ...engine },
  });
  engine.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start === 'function') start();
}

function listMigrations(upTo?: string): engine.MigrationList {
  return {
    baseDir: migrationsFolder,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations(upTo).map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  };
}

/** The name of the last one that was applied to this database. */
export async function lastMigration(reader: { $queryRawUnsafe<T>(sql: string): Promise<T> }): Promise<string> {
  const [last] = await reader.$queryRawUnsafe<{ name: string }[]>(
    `SELECT max(migration_name) AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  );
  return last?.name ?? '';
}

export interface Migration {
  /** Of its folder; they are applied in this order. */
  name: string;
  sql: string;
  /** SHA-256 in hex, as Prisma has it. */
  checksum: string;
}

/** All, or those up to the one that is named. */
export function migrations(upTo?: string): Migration[] {
  return migrationNames(upTo).map((name) => {
    const sql = readFileSync(join(migrationsFolder, name, 'migration.sql'), 'utf8');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

function migrationNames(upTo?: string): string[] {
  return readdirSync(migrationsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((name) => upTo === undefined || name <= upTo)
    .sort();
}

function schemaFile() {
  const path = join(root, 'prisma/schema.prisma');
  return { path, content: readFileSync(path, 'utf8') };
}
