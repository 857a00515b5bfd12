import { appendFile, mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { expect, test } from 'vitest';

import { change, compress, TestLog } from '../../testing/change-log.ts';
import { verify } from './verify.ts';

const insert = (name: string) => `INSERT INTO "chat" ("id", "title") VALUES ('1', '${name}');`;
const secret = `INSERT INTO "account" ("id") VALUES ('1');`;

/** A base, and two files of three transactions each, of which the second has secrets. */
async function someLog() {
  const log = await TestLog.make();
  const base = await log.base({ statements: [insert('old')], secrets: [secret] });
  const files: string[] = [];
  for (const _ of [1, 2]) {
    await log.file();
    for (const secrets of [[], [secret], []])
      files[_ - 1] = await log.transaction({ statements: [insert('a'), insert('b')], secrets });
  }
  const [first = '', second = ''] = files;
  return { log, base, first, second };
}

const beside = (path: string, name: string) => join(path, '..', name);
const secretsOf = (path: string) => beside(path, `secrets-${basename(path)}`);

async function problemsOf(...folders: string[]): Promise<string[]> {
  return (await verify(folders)).problems.map(({ message }) => message);
}

test('unchanged files are whole, and the last transaction is reported', async () => {
  const { log, second } = await someLog();
  await using _ = log;
  const verification = await verify([log.folder]);
  expect(verification).toMatchObject({ problems: [], ignored: [], transactions: 6, hasSecrets: true });
  expect(verification.last?.commit).toBe(6);
  expect(await readFile(second, 'utf8')).toContain(`"sha256":"${verification.last?.sha256}"`);
});

test('every byte that is flipped is found, with its file, its place and its transaction', async () => {
  const { log, first } = await someLog();
  await using _ = log;
  const whole = await readFile(first);
  const heads = [...whole.toString().matchAll(/^-- .*"commit":(\d+)/gm)].map(({ index, 1: commit }) => ({
    index,
    commit,
  }));
  for (let offset = 0; offset < whole.length; offset += 13) {
    const changed = Buffer.from(whole);
    changed[offset] = (changed[offset] ?? 0) ^ 1;
    await writeFile(first, changed);
    const { problems } = await verify([log.folder]);
    expect(problems.length, `byte ${offset}`).toBeGreaterThan(0);
    expect(problems[0]?.place?.file.startsWith(log.folder), `byte ${offset}`).toBe(true);
    const within = heads.findLast(({ index }) => index <= offset);
    if (!within) expect(problems[0]?.place).toMatchObject({ file: first });
  }
});

test('a text that is changed without its digest is named by transaction and byte', async () => {
  const { log, first } = await someLog();
  await using _ = log;
  const offset = (await readFile(first, 'utf8')).indexOf('-- {"commit":2');
  await change(first, (text) => text.slice(0, offset) + text.slice(offset).replace(`'a'`, `'A'`));
  expect(await problemsOf(log.folder)).toEqual([
    `The transaction was changed: its SHA-256 is another one (${first}, byte ${offset}, transaction 2).`,
  ]);
});

test('a line that is removed, or one more, is found', async () => {
  const { log, second } = await someLog();
  await using _ = log;
  const whole = await readFile(second, 'utf8');
  await writeFile(second, whole.replace(`${insert('b')}\n`, ''));
  expect((await problemsOf(log.folder))[0]).toMatch(
    /has 1 statements and not 2: lines were removed .* transaction 4\)/,
  );
  await writeFile(second, whole.replace(insert('b'), `${insert('b')}\n${insert('b')}`));
  expect((await problemsOf(log.folder))[0]).toMatch(/has more lines than its header says .* transaction 4\)/);
});

test('a transaction that is removed is a gap', async () => {
  const { log, first } = await someLog();
  await using _ = log;
  await change(first, (text) => text.replace(/-- \{"commit":2.*?COMMIT;\n/s, ''));
  expect((await problemsOf(log.folder))[0]).toMatch(/^Transaction 2 is missing .*transaction 3\)/);
});

test('a transaction that was rewritten with a digest of its own breaks the chain', async () => {
  const { log, first } = await someLog();
  await using _ = log;
  const other = await someLog();
  await using __ = other.log;
  const [, theirs = ''] = /(-- \{"commit":2.*?COMMIT;\n)/s.exec(await readFile(other.first, 'utf8')) ?? [];
  await change(first, (text) => text.replace(/-- \{"commit":2.*?COMMIT;\n/s, theirs));
  expect((await problemsOf(log.folder))[0]).toMatch(/What is before it is not what was there .*transaction 2\)/);
});

test('a file that is removed is a gap, and so is the base that the log begins with', async () => {
  const { log, first, base } = await someLog();
  await using _ = log;
  const text = await readFile(first);
  await rm(first);
  expect((await problemsOf(log.folder))[0]).toMatch(/^Transactions 1 to 3 are missing \(.*changes-000000000004/);
  await writeFile(first, text);
  expect(await problemsOf(log.folder)).toEqual([]);
  await rm(base);
  expect((await problemsOf(log.folder))[0]).toMatch(/^The base that the log begins with is missing/);
});

test('two files that were swapped are named', async () => {
  const { log, first, second } = await someLog();
  await using _ = log;
  await rename(first, `${first}.x`);
  await rename(second, first);
  await rename(`${first}.x`, second);
  expect((await problemsOf(log.folder))[0]).toMatch(
    /^The file has the name of another one: it was written as changes 4 of epoch 1 \(.*changes-000000000001/,
  );
});

test('a transaction of the secrets that is missing, or too many, is named', async () => {
  const { log, first } = await someLog();
  await using _ = log;
  const secrets = secretsOf(first);
  const whole = await readFile(secrets, 'utf8');
  await writeFile(secrets, whole.slice(0, whole.indexOf('-- {"commit"')));
  expect((await problemsOf(log.folder))[0]).toMatch(/differs|no such transaction/);
  await writeFile(secrets, whole);
  await change(first, (text) => text.slice(0, text.indexOf('-- {"commit":2')));
  await rm(join(log.folder, 'changes-000000000004-000001.sql'));
  await rm(join(log.folder, 'secrets-changes-000000000004-000001.sql'));
  const { problems, ignored } = await verify([log.folder]);
  expect(problems).toEqual([]);
  expect(ignored).toEqual([
    { place: expect.objectContaining({ commit: 2 }), why: expect.stringContaining('not in the main file') },
  ]);
});

test('the main files alone are whole too, and missing secrets are reported', async () => {
  const { log } = await someLog();
  await using _ = log;
  for (const [kind, first] of [
    ['base', 0],
    ['changes', 1],
    ['changes', 4],
  ] as const)
    await rm(join(log.folder, `secrets-${kind}-${String(first).padStart(12, '0')}-000001.sql`));
  expect(await verify([log.folder])).toMatchObject({ problems: [], hasSecrets: false, transactions: 6 });
});

test('half a transaction at the end does not count, wherever it was cut', async () => {
  const { log, second } = await someLog();
  await using _ = log;
  const whole = await readFile(second);
  const last = whole.indexOf('-- {"commit":6');
  for (let length = last; length < whole.length; length += 3) {
    await truncate(second, length);
    const { problems, ignored, last: end } = await verify([log.folder]);
    expect(problems, `cut at ${length}`).toEqual([]);
    expect(end?.commit, `cut at ${length}`).toBe(5);
    expect(ignored.length, `cut at ${length}`).toBe(length === last ? 0 : 1);
    await writeFile(second, whole);
  }
  await truncate(second, last);
  await appendFile(second, Buffer.alloc(5_000));
  expect(await verify([log.folder])).toMatchObject({ problems: [], ignored: [{ place: { offset: last } }] });
});

test('a last transaction that is whole but for one line is no half one', async () => {
  const { log, second } = await someLog();
  await using _ = log;
  const whole = await readFile(second, 'utf8');
  await writeFile(second, whole.replace(/COMMIT;\n$/, 'COMMIX;\n'));
  expect((await problemsOf(log.folder))[0]).toMatch(/transaction 6\)/);
  await writeFile(second, whole.replace(/COMMIT;\n$/, 'COMMIX;'));
  expect((await problemsOf(log.folder))[0]).toMatch(/transaction 6\)/);
});

test('what a replaced writer wrote past the next epoch’s first transaction does not count, and is named', async () => {
  const { log, second } = await someLog();
  await using _ = log;
  const noted = log.mark();
  await log.transaction({ statements: [insert('superseded')] });
  await log.transaction({ statements: [insert('superseded')] });
  log.resume(noted);
  await log.file();
  await log.transaction({ statements: [insert('kept')] });
  const { problems, ignored, last } = await verify([log.folder]);
  expect(problems).toEqual([]);
  expect(ignored).toEqual([
    {
      place: { file: second, offset: expect.any(Number), commit: 7 },
      why: 'was written by a process that had been replaced',
    },
  ]);
  expect(last?.commit).toBe(7);
});

test('a file that a later epoch begins at the same transaction does not count at all', async () => {
  await using log = await TestLog.make();
  await log.base();
  const noted = log.mark();
  await log.file();
  await log.transaction({ statements: [insert('superseded')] });
  log.resume(noted);
  await log.file();
  await log.transaction({ statements: [insert('kept')] });
  const { problems, ignored, last } = await verify([log.folder]);
  expect(problems).toEqual([]);
  expect(ignored).toHaveLength(2);
  expect(last?.commit).toBe(1);
});

test('two directories are read as one, in the order of their transactions', async () => {
  const { log, second } = await someLog();
  await using _ = log;
  const other = join(log.folder, 'other');
  await mkdir(other);
  for (const path of [second, secretsOf(second)]) await rename(path, join(other, basename(path)));
  expect((await problemsOf(log.folder)).length).toBe(0);
  expect(await verify([log.folder, other])).toMatchObject({ problems: [], transactions: 6 });
  expect(await verify([other, log.folder])).toMatchObject({ problems: [], transactions: 6 });
});

test('a copy that ends earlier, or is compressed, is read once; a copy that differs is refused', async () => {
  const { log, second } = await someLog();
  await using _ = log;
  const other = join(log.folder, 'other');
  await mkdir(other);
  const copy = join(other, basename(second));
  const whole = await readFile(second);
  await writeFile(copy, whole.subarray(0, -100));
  expect(await verify([log.folder, other])).toMatchObject({
    problems: [],
    transactions: 6,
    ignored: [{ place: { file: copy } }],
  });
  await writeFile(copy, whole);
  await compress(copy);
  expect(await verify([log.folder, other])).toMatchObject({ problems: [], transactions: 6, ignored: [{}] });
  await writeFile(copy, whole.toString().replace(`'a'`, `'x'`));
  await rm(`${copy}.gz`);
  expect((await problemsOf(log.folder, other))[0]).toMatch(/^Two files have the same name and differ/);
});

test('compressed files are read like others, and a truncated one is named', async () => {
  const { log, first } = await someLog();
  await using _ = log;
  await compress(first);
  await compress(secretsOf(first));
  expect(await verify([log.folder])).toMatchObject({ problems: [], ignored: [], transactions: 6 });
  await truncate(`${first}.gz`, 200);
  expect((await problemsOf(log.folder))[0]).toMatch(/^The file cannot be decompressed: .*changes-000000000001/);
});

test('a changed base is named, and an incomplete one does not count', async () => {
  const { log, base } = await someLog();
  await using _ = log;
  const whole = await readFile(base, 'utf8');
  await writeFile(base, whole.replace(`'old'`, `'OLD'`));
  expect((await problemsOf(log.folder))[0]).toMatch(/^The base was changed: its SHA-256 is another one/);
  await writeFile(base, whole.replace(`${insert('old')}\n`, ''));
  expect((await problemsOf(log.folder))[0]).toMatch(/^The base has 0 rows of chat and not 1/);
  await writeFile(base, whole);
  await log.base({ statements: [insert('new')] }, { why: 'ASKED', continues: '' });
  await writeFile(join(log.folder, 'base-000000000006-000001.sql.tmp'), 'half');
  expect(await verify([log.folder])).toMatchObject({
    problems: [],
    ignored: [{ why: expect.stringContaining('half') }],
  });
  const half = join(log.folder, 'base-000000000006-000001.sql');
  await change(half, (text) => text.slice(0, text.lastIndexOf('-- {')));
  expect(await verify([log.folder])).toMatchObject({
    problems: [],
    ignored: [{ place: { file: half } }, { place: { file: `${half}.tmp` } }].reverse(),
  });
});

test('a base whose writer was stopped before the database knew of it does not count, however many there are', async () => {
  const { log } = await someLog();
  await using _ = log;
  const [noted, { chain }] = [log.mark(), log];
  const replaced: string[] = [];
  for (const _ of [1, 2]) {
    log.resume(noted);
    log.chain = crypto.randomUUID();
    replaced.push(await log.base({ statements: [insert('as it was')], secrets: [secret] }));
  }
  log.resume(noted);
  const half = await log.base();
  await truncate(half, 200);
  log.resume(noted);
  log.chain = chain;
  await log.file();
  await log.transaction({ statements: [insert('kept')], secrets: [secret] });
  const { problems, ignored, last } = await verify([log.folder]);
  expect(problems).toEqual([]);
  expect(ignored).toEqual([
    { place: { file: half, offset: 0 }, why: expect.stringContaining('not whole') },
    ...replaced
      .toReversed()
      .map((file) => ({ place: { file, offset: 0 }, why: 'is a base whose writer had been replaced' })),
  ]);
  expect(last?.commit).toBe(7);

  // A file of another log makes no base one of a replaced writer.
  log.resume(log.mark());
  log.chain = crypto.randomUUID();
  await log.file();
  expect((await problemsOf(log.folder))[0]).toMatch(/belongs to another chain/);
});

test('transactions that were given up at a branch are named, and the new chain is read', async () => {
  const { log } = await someLog();
  await using _ = log;
  log.epoch = 2;
  log.chain = crypto.randomUUID();
  await log.base({ statements: [insert('as it was after 4')] }, { why: 'BRANCH', branch: { after: 4, until: 6 } });
  await log.file();
  await log.transaction({ statements: [insert('after the branch')] });
  const { problems, ignored, last } = await verify([log.folder]);
  expect(problems).toEqual([]);
  expect(ignored).toEqual([
    { place: expect.objectContaining({ commit: 5 }), why: expect.stringContaining('given up') },
  ]);
  expect(last?.commit).toBe(7);
});

test('after damage for which a new chain was begun, that chain is read too', async () => {
  const { log, first } = await someLog();
  await using _ = log;
  await change(first, (text) => text.replace(`'a'`, `'A'`));
  log.epoch = 2;
  log.chain = crypto.randomUUID();
  await log.base({}, { why: 'DAMAGED' });
  await log.file();
  const third = await log.transaction({ statements: [insert('a')] });
  expect(await verify([log.folder])).toMatchObject({
    problems: [{ place: { file: first, commit: 1 } }],
    last: { commit: 7 },
  });
  await change(third, (text) => text.replace(`'a'`, `'A'`));
  expect(await verify([log.folder])).toMatchObject({
    problems: [{ place: { file: first, commit: 1 } }, { place: { file: third, commit: 7 } }],
  });
});

test('what is left of files that a base stands for is no gap', async () => {
  const { log, base, first } = await someLog();
  await using _ = log;
  await log.base({}, { why: 'ASKED', continues: '' });
  await log.file();
  await log.transaction({ statements: [insert('c')] });
  for (const path of [base, first]) {
    await rm(path);
    await rm(secretsOf(path));
  }
  expect(await verify([log.folder])).toMatchObject({
    problems: [],
    ignored: [{ why: expect.stringContaining('the base after transaction 6') }],
    transactions: 4,
  });
});

test('a message that imitates a header is a text', async () => {
  await using log = await TestLog.make();
  await log.base();
  await log.file();
  const header = (await readFile(await log.transaction({ statements: [insert('x')] }), 'utf8')).split('\n')[4] ?? '';
  await log.transaction({ statements: [insert(header), insert(`${header}\\nBEGIN;\\nCOMMIT;`)] });
  expect(await verify([log.folder])).toMatchObject({ problems: [], transactions: 2 });
});

test('directories without a log, or that are not there, are named', async () => {
  await using log = await TestLog.make();
  expect(await problemsOf(log.folder)).toEqual([`There is no file of a change log in ${log.folder}.`]);
  expect(await problemsOf(`${log.folder}/none`)).toEqual([`There is no directory ${log.folder}/none.`]);
});
