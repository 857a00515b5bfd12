import { readdir } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { change, TestLog, timeOf } from '../../testing/change-log.ts';
import { anotherDatabase } from '../../testing/databases.ts';
import { microsecondsOf } from './log.ts';
import { writeBaseBefore } from './offline-base.ts';
import { replay } from './replay.ts';
import { stateHashes } from './state-hashes.ts';
import { verify } from './verify.ts';

const holder = '0198c000-0000-7000-8000-000000000001';
const insert = (name: string) =>
  `INSERT INTO "former_handle" ("name", "holder_id", "ended_at") VALUES ('${name}', '${holder}', '2026-11-29T00:00:00Z');`;
const user = `INSERT INTO "user" ("id", "email", "name", "created_at", "updated_at") VALUES ('${holder}', 'ann@example.org', 'Ann', '2026-11-29T00:00:00Z', '2026-11-29T00:00:00Z');`;
const account = `INSERT INTO "account" ("id", "user_id", "account_id", "provider_id", "password", "created_at", "updated_at") VALUES ('${holder}', '${holder}', '1', 'credential', 'hash', '2026-11-29T00:00:00Z', '2026-11-29T00:00:00Z');`;
const password = (hash: string) => `UPDATE "account" SET "password" = '${hash}' WHERE "id" = '${holder}';`;

/** Three files of two transactions, which end with 2, 4 and 6. */
async function someLog(): Promise<TestLog> {
  const log = await TestLog.make();
  await log.base({ statements: [user], secrets: [account] });
  for (const first of [1, 3, 5]) {
    await log.file();
    await log.transaction({ statements: [insert(`n${first}`)], secrets: [password(`h${first}`)] });
    await log.transaction({ statements: [insert(`n${first + 1}`)] });
  }
  return log;
}

const before = (commit: number) => microsecondsOf(timeOf(commit)) + 1;

async function state(log: TestLog) {
  await using target = await anotherDatabase();
  await replay([log.folder], target);
  return await stateHashes(target.connection);
}

test('a base stands for closed files before a time, which are removed, and a replay leads to the same rows', async () => {
  await using log = await someLog();
  const whole = await state(log);
  expect(await writeBaseBefore([log.folder], before(5))).toEqual({ commit: 4, at: timeOf(4) });
  expect((await readdir(log.folder)).sort()).toEqual([
    'base-000000000004-000001.sql',
    'changes-000000000005-000001.sql',
    'secrets-base-000000000004-000001.sql',
    'secrets-changes-000000000005-000001.sql',
  ]);
  expect(await verify([log.folder])).toMatchObject({ problems: [], ignored: [], transactions: 2, last: { commit: 6 } });
  expect(await state(log)).toEqual(whole);
  // Its writer goes on in the open file.
  await log.transaction({ statements: [insert('later')], secrets: [password('later')] });
  expect(await verify([log.folder])).toMatchObject({ problems: [], transactions: 3 });
});

test('the newest file stays, whatever the time is, and where nothing is closed nothing is done', async () => {
  await using log = await someLog();
  expect(await writeBaseBefore([log.folder], before(0))).toBeNull();
  expect(await writeBaseBefore([log.folder], before(1))).toBeNull();
  expect(await writeBaseBefore([log.folder], before(600))).toMatchObject({ commit: 4 });
  expect(await writeBaseBefore([log.folder], before(600))).toBeNull();
});

test('files that are wrong are not replaced', async () => {
  await using log = await someLog();
  await change(`${log.folder}/changes-000000000003-000001.sql`, (text) => text.replace(`'n3'`, `'x3'`));
  const files = await readdir(log.folder);
  await expect(writeBaseBefore([log.folder], before(600))).rejects.toThrow(
    /^The transaction was changed.*transaction 3\)/,
  );
  expect(await readdir(log.folder)).toEqual(files);
});
