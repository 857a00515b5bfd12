/** On a PostgreSQL server alone (`npm run test:postgres`): the schema that DATABASE_URL names, and the lock of migrations. */
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { db, openDatabase } from './db.ts';
import { migrate } from './migrate.ts';
import { lockMigrations, prepareServer } from './postgres.ts';
import { onServer } from '../testing/image.ts';

const image = inject('image');

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
