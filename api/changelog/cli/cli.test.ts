import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, inject, onTestFinished, test } from 'vitest';

import { change, TestLog } from '../../testing/change-log.ts';
import { changelog, emptyFolder, firstLineOf, holder, insert, someLog } from '../../testing/changelog-cli.ts';
import { onServer } from '../../testing/image.ts';

test('exit codes distinguish whole files, damaged ones and wrong usage', async () => {
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

test('`tail` prints no words, and no colours where stdout is no terminal', async () => {
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

test('`tail` ends without an error where its reader has read enough', async () => {
  await using log = await TestLog.make();
  await log.base();
  await log.file();
  // More than a pipe holds.
  for (let number = 0; number < 40; number += 1)
    await log.transaction({ statements: Array.from({ length: 50 }, (_, row) => insert(`n${number}-${row}`)) });
  expect(await firstLineOf(['tail', log.folder])).toEqual({ code: 0, errors: '' });
});

test('tail tells what touches a table and is by an actor, where both are asked for', async () => {
  await using log = await TestLog.make();
  await log.base();
  await log.file();
  const remove = `DELETE FROM "chat_member" WHERE "id" = '${holder}';`;
  await log.transaction({ statements: [remove] }, { actor: 'USER ann' });
  await log.transaction({ statements: [remove] }, { actor: 'SERVER purge' });
  await log.transaction({ statements: [insert('a')] }, { actor: 'USER ann' });
  const told = await changelog(['tail', log.folder, '--table', 'chat_member', '--actor', 'USER']);
  expect(told).toEqual({
    code: 0,
    errors: '',
    out: `#1  2026-11-29 10:01:00.000456Z  USER ann\n  - chat_member ${holder}\n`,
  });
});

test('several directories are read as one, and each by itself has gaps', async () => {
  await using log = await someLog();
  await log.file();
  await log.transaction({ statements: [insert('c')] });
  const other = await emptyFolder();
  for (const kind of ['changes', 'secrets-changes']) {
    const name = `${kind}-000000000002-000001.sql`;
    await rename(join(log.folder, name), join(other, name));
  }
  for (const directories of [
    [log.folder, other],
    [other, log.folder],
  ])
    expect(await changelog(['verify', ...directories])).toMatchObject({
      code: 0,
      errors: '',
      out: expect.stringContaining('2 transactions, up to number 2 of'),
    });
  expect(await changelog(['verify', other])).toMatchObject({ code: 1, errors: expect.stringMatching(/^Wrong: /) });
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
