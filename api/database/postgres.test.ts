/** On a PostgreSQL server alone (`npm run test:postgres`): the schema that DATABASE_URL names, and the lock of migrations. */
import { rm } from 'node:fs/promises';

import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';

import { db, openDatabase } from './db.ts';
import { migrate } from './migrate.ts';
import { lockMigrations, prepareServer } from './postgres.ts';
import { dataFolder } from '../testing/data-folder.ts';
import { onServer } from '../testing/image.ts';
import { type PgBouncer, startPgBouncer, whyNoPgBouncer } from '../testing/pgbouncer.ts';
import { startProcess } from '../testing/process.ts';

const image = inject('image');
/** In CI it is installed. */
const isWithoutPgBouncer = whyNoPgBouncer !== undefined && !process.env['CI'];

describe.skipIf(!('url' in image))('a PostgreSQL server', () => {
  const name = `confab_postgres_${process.pid}`;
  const address = (more = '') => {
    const url = new URL('url' in image ? image.url : 'postgresql://none');
    url.pathname = `/${name}`;
    return `${url.href}${more}`;
  };

  beforeAll(() => onServer(address().replace(name, 'postgres'), `CREATE DATABASE ${name}`));
  afterAll(() => onServer(address().replace(name, 'postgres'), `DROP DATABASE ${name} WITH (FORCE)`));

  test('has everything in the schema that the address names, migrations too', async () => {
    const url = address('?schema=confab_here');
    await prepareServer(url);
    await prepareServer(url);
    const database = await openDatabase({ url });
    try {
      expect((await migrate(database.adapter)).length).toBeGreaterThan(0);
      // Behind PgBouncer, a lock of the migration's session would never be released.
      expect(await rows(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).toEqual([]);
      expect(await migrate(database.adapter)).toEqual([]);
      const user = await db.user.create({ data: { name: 'ann', email: 'ann@example.org', role: 'ADMIN' } });
      // Prisma's SQL and ours find the same rows.
      expect(await db.$queryRaw`SELECT id FROM "user" WHERE role = 'ADMIN'`).toEqual([{ id: user.id }]);
      expect(await db.user.count({ where: { role: 'ADMIN' } })).toBe(1);
    } finally {
      await database.close();
    }
    expect(await tablesBySchema()).toEqual({ confab_here: expect.any(Number) as number });
  });

  test('has everything in public where the address says so, or nothing', async () => {
    const database = await openDatabase({ url: address('?schema=public') });
    try {
      await migrate(database.adapter);
    } finally {
      await database.close();
    }
    expect(Object.keys(await tablesBySchema()).sort()).toEqual(['confab_here', 'public']);
  });

  test('says that its user may not make the schema', async () => {
    const role = `confab_role_${process.pid}`;
    await onServer(address(), `CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
    const url = new URL(address('?schema=elsewhere'));
    [url.username, url.password] = [role, 'x'];
    await expect(prepareServer(url.href)).rejects.toThrow(/There is no schema "elsewhere".*DATABASE_URL/);
    await onServer(address(), 'CREATE SCHEMA elsewhere');
    await prepareServer(url.href);
    await onServer(address(), `DROP ROLE ${role}`);
  });

  test('migrates for one process at a time, and reports it to a process that waits for too long', async () => {
    const first = await lockMigrations(address());
    await expect(lockMigrations(address(), 50)).rejects.toThrow(/Another process has held the lock/);
    const second = lockMigrations(address());
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
    // Nothing is left of it, however it ended.
    expect(await rows(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).toEqual([]);
  });

  describe.skipIf(isWithoutPgBouncer)('behind PgBouncer in transaction mode', () => {
    const throughPool = `${name}_pooled`;
    let bouncer: PgBouncer;

    beforeAll(async () => {
      await onServer(address().replace(name, 'postgres'), `CREATE DATABASE ${throughPool}`);
      // As few connections as docs/operations.md asks for.
      bouncer = await startPgBouncer(address().replace(name, throughPool), 3);
    });
    afterAll(async () => {
      await bouncer[Symbol.asyncDispose]();
      await onServer(address().replace(name, 'postgres'), `DROP DATABASE ${throughPool} WITH (FORCE)`);
    });

    test('a server starts, and starts again', { timeout: 120_000 }, async () => {
      const folder = await dataFolder();
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      for (let start = 0; start < 2; start += 1) {
        const confab = await startProcess({ DATABASE_URL: bouncer.url, DATA_DIR: folder, AUTH_SECRET: 'x'.repeat(40) });
        expect((await fetch(`${confab.url}/ready`)).status).toBe(200);
        await confab.kill('SIGTERM');
      }
    });

    test('a schema in the address is refused', async () => {
      await expect(prepareServer(`${bouncer.url}?schema=confab_here`)).rejects.toThrow(/as PgBouncer does not/);
    });
  });

  async function tablesBySchema(): Promise<Record<string, number>> {
    const found = await rows<{ schema: string; tables: number }>(
      `SELECT schemaname AS schema, count(*)::int AS tables FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema') GROUP BY 1`,
    );
    return Object.fromEntries(found.map(({ schema, tables }) => [schema, tables]));
  }

  async function rows<Row>(statement: string): Promise<Row[]> {
    const client = new Client({ connectionString: address() });
    await client.connect();
    try {
      const { rows: found } = await client.query(statement);
      return found as Row[];
    } finally {
      await client.end();
    }
  }
});
