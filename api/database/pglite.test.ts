import { setImmediate } from 'node:timers/promises';

import { PGlite } from '@electric-sql/pglite';
import { expect, test } from 'vitest';

import { PGliteAdapter } from './pglite.ts';

test('many statements at once let everything else have its turn', async () => {
  await using pglite = await PGlite.create();
  const adapter = await new PGliteAdapter(pglite).connect();
  const query = () =>
    adapter.queryRaw({ sql: 'SELECT count(*) FROM generate_series(1, 5000)', args: [], argTypes: [] });
  const over = new AbortController();
  const all = Promise.all(Array.from({ length: 100 }, query)).finally(() => over.abort());
  let turns = 0;
  for (; !over.signal.aborted; turns += 1) await setImmediate();
  await all;
  expect(turns).toBeGreaterThan(3);
});

test('rows are read as the adapter wants them, in a transaction and out of it', async () => {
  await using pglite = await PGlite.create();
  const adapter = await new PGliteAdapter(pglite).connect();
  const statement = {
    sql: `SELECT 12345678901234567890::numeric, '{"a": 1}'::jsonb, 5::bigint`,
    args: [],
    argTypes: [],
  };
  const rows = [['12345678901234567890', '{"a": 1}', '5']];
  expect((await adapter.queryRaw(statement)).rows).toEqual(rows);
  const transaction = await adapter.startTransaction();
  expect((await transaction.queryRaw(statement)).rows).toEqual(rows);
  await transaction.commit();
});

test('a list of a type that a script made can be sent at once', async () => {
  await using pglite = await PGlite.create();
  const adapter = await new PGliteAdapter(pglite).connect();
  await adapter.executeScript(`CREATE TYPE colour AS ENUM ('RED', 'BLUE'); CREATE TABLE wall (colour colour)`);
  const statement = {
    sql: `SELECT 'RED'::colour = ANY ($1::colour[])`,
    args: [['RED', 'BLUE']],
    argTypes: [{ scalarType: 'string', arity: 'list' }],
  } as const;
  expect(
    (await adapter.queryRaw({ ...statement, args: [...statement.args], argTypes: [...statement.argTypes] })).rows,
  ).toEqual([[true]]);
});
