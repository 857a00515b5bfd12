import { expect, test } from 'vitest';

import { TestLog } from '../../testing/change-log.ts';
import { linesOf } from '../cli/tail.ts';
import { readStatement } from './statement-text.ts';
import { tail, type TailOptions, type TailedTransaction } from './tail.ts';

const insert = `INSERT INTO "chat" ("title", "id") VALUES (E'-- \\u000a; ''WHERE'' "x" = 1', 'c1');`;
const update = `UPDATE "chat" SET "title" = 'WHERE "id" = ''no''', "parts" = '{"a": "b"}' WHERE "id" = 'c1';`;
const remove = `DELETE FROM "reader" WHERE "message_id" = 'm1' AND "user_id" = 'u1';`;

async function told(log: TestLog, options: Partial<TailOptions> = {}): Promise<number[]> {
  const found: TailedTransaction[] = [];
  for await (const each of tail([log.folder], { count: 20, ...options })) found.push(each);
  return found.map(({ header }) => header.commit);
}

test('a statement is printed with its table, its row and the changed columns, and without values', () => {
  expect(readStatement(insert)).toEqual({ operation: 'INSERT', table: 'chat', row: 'c1', columns: [] });
  expect(readStatement(update)).toEqual({ operation: 'UPDATE', table: 'chat', row: 'c1', columns: ['title', 'parts'] });
  expect(readStatement(remove)).toEqual({ operation: 'DELETE', table: 'reader', row: 'm1 u1', columns: [] });
  expect(readStatement('BEGIN;')).toBeNull();
});

test('the last transactions are printed, over as many files as it takes, by table and by actor', async () => {
  await using log = await TestLog.make();
  await log.base();
  for (const _ of [1, 2, 3]) {
    await log.file();
    await log.transaction({ statements: [insert] }, { actor: 'USER ann', request: 'r-1' });
    await log.transaction({ statements: [update, remove] }, { actor: 'SERVER purge' });
  }
  expect(await told(log, { count: 3 })).toEqual([4, 5, 6]);
  expect(await told(log, { table: 'reader' })).toEqual([2, 4, 6]);
  expect(await told(log, { actor: 'ann', count: 2 })).toEqual([3, 5]);
  for await (const last of tail([log.folder], { count: 1 }))
    expect(linesOf(last)).toEqual([
      '#6  2026-11-29 10:06:00.000456Z  SERVER purge',
      '  ~ chat c1: title, parts',
      '  - reader m1 u1',
    ]);
});

test('what is appended is printed once, in the same file and in new ones, after a new epoch too', async () => {
  await using log = await TestLog.make();
  await log.base();
  await log.file();
  await log.transaction({ statements: [insert] });
  const ended = new AbortController();
  const follow = { signal: ended.signal, pollMs: 1 };
  const commits: number[] = [];
  for await (const { header } of tail([log.folder], { count: 5, follow })) {
    commits.push(header.commit);
    if (header.commit === 1) await log.transaction({ statements: [insert] });
    if (header.commit === 2) {
      await log.file();
      await log.transaction({ statements: [update] });
    }
    if (header.commit === 3) {
      log.resume(log.mark());
      await log.file();
      await log.transaction({ statements: [update] });
      await log.transaction({ statements: [update] });
    }
    if (header.commit === 5) ended.abort();
  }
  expect(commits).toEqual([1, 2, 3, 4, 5]);
});
