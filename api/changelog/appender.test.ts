/** The appender by itself, killed and hindered at every place where it can be. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';

import { db } from '../database/db.ts';
import { allWritten, expectReplay } from '../testing/changelog.ts';
import { useConfab } from '../testing/confab.ts';
import { anotherDatabase } from '../testing/databases.ts';
import { person } from '../testing/person.ts';
import { acquire } from './acquire.ts';
import { whyBase } from './ahead.ts';
import { Appender, type AppenderOptions } from './appender.ts';
import { captureChanges } from './capture.ts';
import { FileDamaged, LogFile } from './log-file.ts';
import { replay } from './recovery/replay.ts';
import { differences, stateHashes } from './recovery/state-hashes.ts';
import { verify } from './recovery/verify.ts';
import { readState } from './state.ts';
import { surveyDirectory } from './survey.ts';
import { readEntries, readWindow } from './window.ts';

useConfab();

const isEmbedded = 'file' in inject('image');
let folder: string;
let appenders: Appender[] = [];

beforeAll(async () => {
  await captureChanges(true);
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'confab-changelog-'));
  // Each test begins a log of its own.
  await db.$executeRaw`UPDATE changelog_state SET "commit" = NULL, file = NULL, directory_id = NULL`;
});
afterEach(async () => {
  for (const appender of appenders) await appender.close();
  appenders = [];
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** As a process that starts, which takes the lease from its present holder. */
async function startAppender(options: Partial<AppenderOptions> = {}): Promise<Appender> {
  const acquired = await acquire(folder, true);
  if (!acquired) throw new Error('No lease.');
  const { state, directoryId } = acquired;
  const directory = await surveyDirectory(folder, directoryId, state);
  const all = { folder, directoryId, isEmbedded, isCompressed: false, isEnding: () => false, ...options };
  const appender = new Appender(all, state);
  appenders.push(appender);
  const why = whyBase(state, directory, 'stop');
  if (why) await appender.beginWithBase(why, directory, null);
  return appender;
}

async function writeAll(appender: Appender): Promise<void> {
  while (await appender.round());
}

/** For a transaction that waits for what the test does. */
const LONG = { timeout: 60_000, maxWait: 60_000 };

let users = 0;

/** A transaction of two entries, the user and the handle. */
async function addUser(name = `user ${(users += 1)}`): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "user" (id, email, name, updated_at) VALUES (gen_random_uuid(), ${`${crypto.randomUUID()}@example.org`}, ${name}, now())`;
}

/** As it is now, to be called by what stands in for it. */
const methodOf = (name: 'append' | 'sync') =>
  Object.getOwnPropertyDescriptor(LogFile.prototype, name)?.value as (this: LogFile, text?: string) => Promise<void>;

const filesOf = (kind: string) => readdirSync(folder).filter((name) => name.startsWith(kind));

test('a window has whole transactions, and where it is cut, what is left is found again', async () => {
  const [before] = await db.$queryRaw<{ seq: number }[]>`SELECT coalesce(max(seq), 0)::float8 AS seq FROM change_entry`;
  const from = before?.seq ?? 0;
  for (const name of ['one', 'two', 'three']) await addUser(name);
  const upTo = from + 6;
  const whole = await readWindow(db, from, upTo, 100);
  expect(whole).toMatchObject({ doneSeq: upTo, transactions: [{ entries: 2 }, { entries: 2 }, { entries: 2 }] });
  const cut = await readWindow(db, from, upTo, 2);
  expect(cut).toMatchObject({ transactions: [{}, {}], doneSeq: from + 4 });
  const entries = await readEntries(db, cut.transactions);
  expect(entries.map(({ seq }) => seq)).toEqual([from + 1, from + 2, from + 3, from + 4]);
});

test('a window ends at its given end, though a later transaction is committed before one that drew a number between them', async () => {
  const [before] = await db.$queryRaw<{ seq: number }[]>`SELECT coalesce(max(seq), 0)::float8 AS seq FROM change_entry`;
  const from = before?.seq ?? 0;
  await addUser();
  const upTo = from + 2;
  // As one that goes on has drawn it.
  await db.$queryRaw`SELECT nextval('change_entry_seq_seq')`;
  await addUser();
  expect(await readWindow(db, from, upTo, 100)).toMatchObject({ doneSeq: upTo, transactions: [{ lastSeq: upTo }] });
});

test('ten times as many transactions that wait do not take a hundred times as long', async () => {
  const waiting = async (count: number) => {
    await db.$executeRaw`DELETE FROM change_entry`;
    await db.$executeRaw`
      INSERT INTO change_entry (xid, began, actor, relation, operation)
      SELECT n, now(), 'SERVER test', 'user', 'INSERT' FROM generate_series(1, ${count}::int) n`;
    const began = performance.now();
    expect((await readWindow(db, 0, Number.MAX_SAFE_INTEGER, 10)).transactions).toHaveLength(10);
    return performance.now() - began;
  };
  await waiting(2_000);
  const [few, many] = [await waiting(2_000), await waiting(20_000)];
  expect(many / few).toBeLessThan(50);
  await db.$executeRaw`DELETE FROM change_entry`;
}, 60_000);

test('rows that are older than the log are in its base, and those after it are in transactions', async () => {
  await addUser();
  const appender = await startAppender();
  await addUser();
  await writeAll(appender);
  await expectReplay(folder);
  expect(filesOf('base')).toHaveLength(1);
  expect(filesOf('changes')).toHaveLength(1);
});

test('a base has whole rows, whatever the columns of a table are called', async () => {
  await db.$executeRaw`CREATE TABLE oddly_named (id int PRIMARY KEY, t text)`;
  try {
    await db.$executeRaw`INSERT INTO oddly_named VALUES (41, 'a text')`;
    await startAppender();
    const base = readFileSync(join(folder, filesOf('base')[0] ?? ''), 'utf8');
    const [, columns = '', values] = /^INSERT INTO "oddly_named" \((.*)\) VALUES \((.*)\);$/m.exec(base) ?? [];
    expect(columns.split(', ').toSorted()).toEqual(['"id"', '"t"']);
    expect(values).toMatch(/41/);
    expect(values).toMatch(/'a text'/);
  } finally {
    await db.$executeRaw`DROP TABLE oddly_named`;
  }
});

test('killed at 100 places, the files go on without a gap or a repeat', async () => {
  let appender = await startAppender();
  /** The process is dead: not even what a failure calls for is done. */
  const dies = (what: string) => {
    throw new Error(`Killed ${what}.`);
  };
  const abandon = vi.spyOn(LogFile.prototype, 'abandon').mockImplementation(function (this: LogFile) {
    return this.close(false);
  });
  const really = { append: methodOf('append'), sync: methodOf('sync') };
  const kills: (() => { mockRestore(): void })[] = [
    () =>
      vi.spyOn(LogFile.prototype, 'append').mockImplementationOnce(async function (this: LogFile, text: string) {
        // Within a line.
        await really.append.call(this, text.slice(0, Math.floor(text.length * Math.random())));
        dies('within a line');
      }),
    () => vi.spyOn(LogFile.prototype, 'append').mockImplementationOnce(async () => dies('before the write')),
    () => vi.spyOn(LogFile.prototype, 'sync').mockImplementationOnce(async () => dies('before the sync')),
    () =>
      vi.spyOn(LogFile.prototype, 'sync').mockImplementationOnce(async function (this: LogFile) {
        await really.sync.call(this);
        dies('before the cursor');
      }),
  ];
  let count = 0;
  for (let round = 0; round < 100; round += 1) {
    for (let written = 0; written <= round % 3; written += 1) await addUser();
    const kill = kills[round % kills.length]?.();
    await writeAll(appender).catch(() => (count += 1));
    await appender.close();
    kill?.mockRestore();
    appender = await startAppender();
    if (round % 4 === 3) await writeAll(appender);
  }
  expect(count).toBe(100);
  expect(abandon).toHaveBeenCalled();
  await writeAll(appender);
  await expectReplay(folder);
  expect(filesOf('base')).toHaveLength(1);
}, 120_000);

test('what was written by one whom another has replaced does not count', async () => {
  const paused = await startAppender();
  await addUser();
  await writeAll(paused);
  await addUser();
  const next = await startAppender();
  await expect(paused.round()).rejects.toMatchObject({ name: 'LeaseLost' });
  await addUser();
  await writeAll(next);
  await expectReplay(folder);
  const { ignored } = await verify([folder]);
  expect(ignored.length).toBeGreaterThan(0);
});

test('a full disk leaves the files as they were, and what waits is written when there is room', async () => {
  const appender = await startAppender();
  await addUser();
  await writeAll(appender);
  await addUser();
  const size = () => readFileSync(join(folder, filesOf('changes')[0] ?? '')).length;
  const before = size();
  const append = methodOf('append');
  vi.spyOn(LogFile.prototype, 'append').mockImplementationOnce(async function (this: LogFile, text: string) {
    await append.call(this, text.slice(0, 20));
    throw Object.assign(new Error('No space left on device'), { code: 'ENOSPC' });
  });
  await expect(appender.round()).rejects.toThrow('No space');
  expect(size()).toBe(before);
  await writeAll(await startAppender());
  await expectReplay(folder);
  expect((await verify([folder])).ignored).toEqual([]);
});

test('a base that cannot be written, or whose writer was replaced meanwhile, leaves no half of it', async () => {
  const halves = () => readdirSync(folder).filter((name) => name.endsWith('.tmp'));
  const appender = await startAppender();
  await addUser();
  await writeAll(appender);
  const next = await startAppender();
  await expect(appender.replaceByBase('ASKED', null)).rejects.toMatchObject({ name: 'LeaseLost' });
  expect(halves()).toEqual([]);
  expect(filesOf('base')).toHaveLength(1);
  await next.replaceByBase('ASKED', null);
  await expectReplay(folder);
});

test('a file that another program changes or removes is noticed, and a base begins a new chain', async () => {
  const appender = await startAppender();
  await addUser();
  await writeAll(appender);
  await addUser();
  appendFileSync(join(folder, filesOf('changes')[0] ?? ''), '-- a remark\n');
  await expect(appender.round()).rejects.toBeInstanceOf(FileDamaged);
  rmSync(join(folder, filesOf('changes')[0] ?? ''));
  const next = await startAppender();
  await addUser();
  await writeAll(next);
  expect(filesOf('base').length).toBe(2);
  await allWritten();
  expect(await db.user.count()).toBeGreaterThan(2);
  const { problems } = await verify([folder]);
  // The gap before the base is named.
  expect(problems.length).toBeGreaterThan(0);
  await using target = await anotherDatabase();
  await replay([folder], target);
  expect(differences(await stateHashes(db), await stateHashes(target.connection))).toEqual([]);
});

test('an emptied directory begins with a base', async () => {
  const appender = await startAppender();
  await addUser();
  await writeAll(appender);
  rmSync(folder, { recursive: true });
  await addUser();
  const next = await startAppender();
  await addUser();
  await writeAll(next);
  await expectReplay(folder);
  expect(filesOf('base')).toHaveLength(1);
});

test('a base that is asked for replaces the files before it, and no value from before it stays in the database', async () => {
  const appender = await startAppender();
  const ann = await person('canary');
  await writeAll(appender);
  await db.$executeRaw`DELETE FROM "user" WHERE email = ${ann.email}`;
  await addUser('stays');
  await appender.replaceByBase('ERASED', null);
  await addUser();
  await writeAll(appender);
  await expectReplay(folder);
  const texts = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
  expect(texts).not.toContain(ann.email);
  expect(texts).toContain('stays');
  const [{ count } = { count: -1 }] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int FROM change_entry WHERE before::text LIKE ${`%${ann.email}%`} OR after::text LIKE ${`%${ann.email}%`}`;
  expect(count).toBe(0);
  const { commit, removedUntil } = await readState();
  expect(removedUntil).toBeLessThan(commit ?? 0);
  expect(removedUntil).toBeGreaterThan(0);
});

test('the chain goes on over a start, in a file of its own', async () => {
  const first = await startAppender();
  await addUser();
  await writeAll(first);
  await first.close();
  await addUser();
  await writeAll(await startAppender());
  await expectReplay(folder);
  expect(filesOf('changes')).toHaveLength(2);
  expect(filesOf('base')).toHaveLength(1);
});

test('a file that is full is closed and compressed, and so is the last one at the end', async () => {
  const appender = await startAppender({ isCompressed: true, largestBytes: 4_000 });
  for (let round = 0; round < 3; round += 1) {
    // More than a file may have, in both kinds.
    await addUser('x'.repeat(5_000));
    await db.$executeRaw`
      INSERT INTO account (id, user_id, account_id, provider_id, password, updated_at)
      SELECT gen_random_uuid(), id, gen_random_uuid(), 'credential', 'a hash', now() FROM "user" LIMIT 1`;
    await writeAll(appender);
  }
  await addUser('last');
  await writeAll(appender);
  expect(filesOf('changes').map((name) => name.endsWith('.gz'))).toEqual([true, true, true, false]);
  expect(filesOf('secrets-changes').map((name) => name.endsWith('.gz'))).toEqual([true, true, true]);
  await expectReplay(folder);
  await appender.close();
  expect(filesOf('changes').filter((name) => !name.endsWith('.gz'))).toEqual([]);
  await expectReplay(folder);
  // The next one goes on after what is compressed.
  await addUser();
  await writeAll(await startAppender({ isCompressed: true }));
  await expectReplay(folder);
  expect(filesOf('base')).toHaveLength(1);
});

test('every file of the log, compressed or not, is its owner’s alone', async () => {
  const appender = await startAppender({ isCompressed: true });
  await addUser();
  await db.$executeRaw`
    INSERT INTO account (id, user_id, account_id, provider_id, password, updated_at)
    SELECT gen_random_uuid(), id, gen_random_uuid(), 'credential', 'a hash', now() FROM "user" LIMIT 1`;
  await writeAll(appender);
  const modes = () =>
    readdirSync(folder).map((name) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
  const before = modes();
  await appender.close();
  const all = [...before, ...modes()];
  for (const kind of [
    /^base-/,
    /^secrets-base-/,
    /^changes-.*sql /,
    /^secrets-changes-.*gz /,
    /^changes-.*gz /,
    /^directory-id/,
  ])
    expect(all.filter((each) => kind.test(each)).length, `${kind}`).toBeGreaterThan(0);
  expect(all.filter((each) => !each.endsWith(' 600'))).toEqual([]);
});

test.skipIf(isEmbedded)(
  'a transaction that stays open over several windows holds back what came after it, and nothing is lost',
  async () => {
    let looks = 0;
    let isEnding = false;
    // It is asked each time that the open transaction is found to be open still.
    const appender = await startAppender({ isEnding: () => ((looks += 1), isEnding) });
    await addUser();
    await writeAll(appender);
    const size = () => filesOf('').reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    const before = size();
    const hasBegun = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const open = db.$transaction(async (tx) => {
      await tx.$executeRaw`INSERT INTO "user" (id, email, name, updated_at) VALUES (gen_random_uuid(), ${crypto.randomUUID()}, 'slow', now())`;
      hasBegun.resolve();
      await mayEnd.promise;
      // Later in the order of numbers than those that were committed meanwhile.
      await tx.$executeRaw`UPDATE "user" SET name = 'slow again' WHERE name = 'slow'`;
    }, LONG);
    await hasBegun.promise;
    for (let window = 0; window < 3; window += 1) {
      await addUser('quick');
      const looked = looks;
      const ended = expect(appender.round()).rejects.toThrow('open for too long');
      await expect.poll(() => looks).toBeGreaterThan(looked + 2);
      expect(size()).toBe(before);
      isEnding = true;
      await ended;
      isEnding = false;
    }
    const looked = looks;
    const round = writeAll(appender);
    await expect.poll(() => looks).toBeGreaterThan(looked + 2);
    await addUser('quicker');
    expect(size()).toBe(before);
    mayEnd.resolve();
    await open;
    await round;
    expect(size()).toBeGreaterThan(before);
    await writeAll(appender);
    await expectReplay(folder);
  },
);

test.skipIf(isEmbedded)(
  'transactions that commit in another order than they began replay in the order of their locks',
  async () => {
    const appender = await startAppender();
    await addUser('shared');
    const first = db.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_current_xact_id()::text`;
      // It waits for the second one, which began later.
      await expect.poll(() => isHeld).toBe(true);
      await tx.$executeRaw`UPDATE "user" SET name = name || ' by the first' WHERE name LIKE 'shared%'`;
    });
    let isHeld = false;
    const second = db.$transaction(async (tx) => {
      await tx.$executeRaw`UPDATE "user" SET name = name || ' by the second' WHERE name LIKE 'shared%'`;
      isHeld = true;
      await expect
        .poll(async () => (await db.$queryRaw<unknown[]>`SELECT FROM pg_locks WHERE NOT granted`).length)
        .toBeGreaterThan(0);
    });
    await Promise.all([first, second]);
    expect(await db.user.count({ where: { name: 'shared by the second by the first' } })).toBe(1);
    await writeAll(appender);
    await expectReplay(folder);
  },
);

test.skipIf(isEmbedded)('while a base is taken others write, and what they write is after it', async () => {
  const appender = await startAppender();
  const over = new AbortController();
  const writing = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (!over.signal.aborted) await addUser();
    }),
  );
  for (let round = 0; round < 5; round += 1) {
    await appender.round();
    await appender.replaceByBase('ASKED', null);
  }
  over.abort();
  await writing;
  await writeAll(appender);
  await expectReplay(folder);
});
