import { PGlite } from '@electric-sql/pglite';
import { expect, test } from 'vitest';

import { migrate } from './migrate.ts';
import { PGliteAdapter } from './pglite.ts';

test('a migration that failed, or whose process was killed in it, is applied by the next start', async () => {
  await using pglite = await PGlite.create();
  const adapter = new PGliteAdapter(pglite);
  await migrate(adapter, '20261129000100_reshape');
  await pglite.exec('CREATE TABLE "invitation" (id int)');
  await expect(migrate(adapter)).rejects.toThrow('already exists');
  const { rows: ofItsFirstHalf } = await pglite.query(`SELECT 1 FROM pg_tables WHERE tablename = 'handle'`);
  expect(ofItsFirstHalf).toEqual([]);
  await pglite.exec('DROP TABLE "invitation"');
  expect((await migrate(adapter))[0]).toBe('20261129000200_rooms');
  expect(await migrate(adapter)).toEqual([]);
});
