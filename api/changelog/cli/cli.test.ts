import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import { inject, expect, onTestFinished, test } from 'vitest';

import { change, TestLog } from '../../testing/change-log.ts';
import { onServer } from '../../testing/image.ts';

const main = join(import.meta.dirname, 'main.ts');
const holder = '0198c000-0000-7000-8000-000000000001';
const insert = (name: string) =>
  `INSERT INTO "former_handle" ("name", "holder_id", "ended_at") VALUES ('${name}', '${holder}', '2026-11-29T00:00:00Z');`;

interface Result {
  code: number;
  out: string;
  errors: string;
}

function changelog(args: string[], env: Record<string, string> = {}): Promise<Result> {
  const options = { env: { PATH: process.env['PATH'], ...env } };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', main, ...args],
      options,
      (error, out, errors) => resolve({ code: error ? Number(error.code) : 0, out, errors }),
    );
  });
}

async function someLog(): Promise<TestLog> {
  const log = await TestLog.make();
  await log.base({ statements: [insert('a')] });
  await log.file();
  await log.transaction({ statements: [insert('b')] });
  return log;
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'confab-replayed-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('exit codes tell whole files, wrong ones and wrong usage apart', async () => {
  await using log = await someLog();
  expect(await changelog(['verify', log.folder])).toMatchObject({
    code: 0,
    errors: '',
    out: expect.stringContaining('The files are whole.'),
  });
  await change(join(log.folder, 'changes-000000000001-000001.sql'), (text) => text.replace(`'b'`, `'x'`));
  expect(await changelog(['verify', log.folder])).toMatchObject({
    code: 1,
    errors: expect.stringMatching(
      /^Wrong: The transaction was changed: .*changes-000000000001-000001\.sql, byte \d+, transaction 1\)\.\n$/,
    ),
  });
  for (const args of [[], ['verify'], ['replay', log.folder, '--into', 'x', '--until', 'noon']])
    expect(await changelog(args), args.join(' ')).toMatchObject({ code: 2 });
  for (const args of [['--help'], ['replay', '--help']])
    expect(await changelog(args), args.join(' ')).toMatchObject({ code: 0, errors: '' });
});

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

test('what was written last is told without words and without colours where nobody looks', async () => {
  await using log = await someLog();
  expect(await changelog(['tail', log.folder])).toEqual({
    code: 0,
    errors: '',
    out: `#1  2026-11-29 10:01:00.000456Z  SERVER test\n  + former_handle b ${holder}\n`,
  });
  await mkdir(join(log.folder, 'changelog'));
  expect(await changelog(['tail'], { DATA_DIR: log.folder })).toMatchObject({
    code: 1,
    errors: expect.stringContaining('no file of a change log'),
  });
});

const image = inject('image');

test.skipIf(!('url' in image))('a database on a server has to be empty', async () => {
  await using log = await someLog();
  const url = new URL('url' in image ? image.url : '');
  const name = `confab_cli_${process.pid}`;
  await onServer(url.href, `CREATE DATABASE ${name}`);
  onTestFinished(() => onServer(url.href, `DROP DATABASE ${name} WITH (FORCE)`));
  const server = new URL(url);
  server.pathname = `/${name}`;
  expect(await changelog(['replay', log.folder, '--into', server.href])).toMatchObject({ code: 0 });
  expect(await changelog(['replay', log.folder, '--into', server.href])).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/^The database at .* is not empty, it has \d+ tables and sequences/),
  });
});
