import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import { expect, onTestFinished, test } from 'vitest';

import { timeOf } from '../../testing/change-log.ts';
import { changelog, emptyFolder, holder, insert, someLog } from '../../testing/changelog-cli.ts';
import { putDatabaseIn } from '../../testing/data-folder.ts';
import { modelServer } from '../../testing/model-server.ts';
import { person } from '../../testing/person.ts';
import { startProcess } from '../../testing/process.ts';
import { useServerAt } from '../../testing/server.ts';

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

async function namesIn(folder: string): Promise<unknown[]> {
  const database = await PGlite.create({ dataDir: join(folder, 'pglite') });
  const { rows } = await database.query<{ name: string }>('SELECT name FROM former_handle ORDER BY name');
  await database.close();
  return rows.map(({ name }) => name);
}

test('replay --until ends at a transaction or at a time, of several directories, and base --before removes what it stands for', async () => {
  await using log = await someLog();
  for (const name of ['c', 'd']) {
    await log.file();
    await log.transaction({ statements: [insert(name)] });
  }
  const other = await emptyFolder();
  for (const kind of ['changes', 'secrets-changes']) {
    const name = `${kind}-000000000003-000001.sql`;
    await rename(join(log.folder, name), join(other, name));
  }
  const made: Record<string, unknown[]> = {};
  for (const until of ['2', timeOf(1)]) {
    const folder = await emptyFolder();
    const replayed = await changelog(['replay', log.folder, other, '--into', folder, '--until', until]);
    expect(replayed, replayed.errors).toMatchObject({ code: 0 });
    made[until] = await namesIn(folder);
  }
  expect(made).toEqual({ 2: ['a', 'b', 'c'], [timeOf(1)]: ['a', 'b'] });

  const early = await changelog(['base', log.folder, other, '--before', timeOf(1)]);
  expect(early).toMatchObject({ code: 0, out: expect.stringContaining('nothing was done') });
  const based = await changelog(['base', log.folder, other, '--before', timeOf(3)]);
  expect(based, based.errors).toMatchObject({ code: 0, out: expect.stringContaining('The base after transaction 2') });
  expect((await readdir(log.folder)).toSorted()).toEqual([
    'base-000000000002-000001.sql',
    'secrets-base-000000000002-000001.sql',
  ]);
  const folder = await emptyFolder();
  expect(await changelog(['replay', log.folder, other, '--into', folder])).toMatchObject({ code: 0 });
  expect(await namesIn(folder)).toEqual(['a', 'b', 'c', 'd']);
}, 240_000);

test('verify --against-database tells a database that has the rows of the files from one that was changed behind the log', async () => {
  const folder = await emptyFolder();
  putDatabaseIn(folder);
  const model = await modelServer();
  onTestFinished(() => model.close());
  await using confab = await startProcess({
    DATA_DIR: folder,
    AUTH_SECRET: 'a secret for tests, long enough to be one',
  });
  useServerAt(confab.url, model);
  const ann = await person('ann');
  await ann.createsChat('a chat');
  await confab.kill('SIGTERM');

  const compare = () => changelog(['verify', 'changelog', '--against-database'], { DATA_DIR: folder }, folder);
  const equal = await compare();
  expect(equal, equal.errors).toMatchObject({ code: 0, errors: '' });
  expect(equal.out).toMatch(/^equal {3}chat: 1 rows, \d+-\d+$/m);
  expect(equal.out).toContain('The database has the rows of the files.');
  expect(equal.out).not.toContain('differs');

  const database = await PGlite.create({ dataDir: join(folder, 'pglite') });
  // No trigger fires.
  await database.exec(`SET session_replication_role = replica; UPDATE chat SET title = 'another'`);
  await database.close();
  const differing = await compare();
  expect(differing.code).toBe(1);
  const [, ours, theirs] =
    /^differs chat: 1 rows in the database, 1 in the files, (\d+-\d+) and (\d+-\d+)$/m.exec(differing.out) ?? [];
  expect(equal.out).toContain(`equal   chat: 1 rows, ${theirs}`);
  expect(ours).not.toBe(theirs);
  expect(differing.out).toContain('1 tables differ.');
  expect(differing.out.match(/^differs/gm)).toHaveLength(1);
}, 240_000);
