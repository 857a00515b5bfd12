import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import { expect, test } from 'vitest';

import { changelog, emptyFolder, holder, insert, someLog } from '../../testing/changelog-cli.ts';

test('a data folder is made of the files, agrees with them, and is not made over another database', async () => {
  await using log = await someLog();
  const folder = await emptyFolder();
  await writeFile(join(folder, 'other'), 'stays');
  const whole = await readFile(join(log.folder, 'changes-000000000001-000001.sql'));
  await log.transaction({ statements: [insert('b')] });
  // What fails leaves no database behind.
  expect(await changelog(['replay', log.folder, '--into', folder])).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/^The database refuses the statement: .* transaction 2\)\.\n$/),
  });
  await writeFile(join(log.folder, 'changes-000000000001-000001.sql'), whole);
  const replayed = await changelog(['replay', log.folder, '--into', folder]);
  expect(replayed, replayed.errors).toMatchObject({
    code: 0,
    out: expect.stringContaining('after transaction 1 of 2026-11-29T10:01:00.000456Z'),
  });
  expect(await changelog(['replay', log.folder, '--into', folder])).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/^There is a database in .*\n$/),
  });
  expect(await changelog(['verify', log.folder, '--against-database'], { DATA_DIR: folder })).toMatchObject({
    code: 1,
    errors: 'The database has no log yet: start the server once.\n',
  });
  expect(await changelog(['base'], { DATA_DIR: folder })).toMatchObject({
    code: 0,
    out: 'The next start of the server writes the base.\n',
  });
  const name = (await readdir(log.folder)).find((each) => each.startsWith('changes-')) ?? '';
  const path = join(log.folder, name);
  await writeFile(path, (await readFile(path, 'utf8')).replace(holder, crypto.randomUUID()));
  expect(await changelog(['verify', log.folder, '--against-database'], { DATA_DIR: folder })).toMatchObject({
    code: 1,
  });
  const database = await PGlite.create({ dataDir: join(folder, 'pglite') });
  const { rows } = await database.query('SELECT verified_at, verify_problem FROM changelog_state');
  await database.close();
  expect(rows).toEqual([
    { verified_at: expect.any(Date), verify_problem: expect.stringContaining('The transaction was changed') },
  ]);
}, 120_000);
