/** A database that is older than its files, or has none any more, and wishes and rows that must not be lost on the way. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';

import { db } from '../database/db.ts';
import { SettingError } from '../env.ts';
import { allWritten } from '../testing/changelog.ts';
import { useConfab } from '../testing/confab.ts';
import { inSnapshot } from './base.ts';
import { captureChanges } from './capture.ts';
import { openChangelog } from './changelog.ts';
import { openDirectory, removeFilesUntil } from './directory.ts';
import { verify } from './recovery/verify.ts';
import type { ChangelogSettings } from './settings.ts';
import { noteBase, pruneRows, readState, releaseLease, takeLease, wantBase } from './state.ts';

useConfab();

const isEmbedded = 'file' in inject('image');
let folder: string;

beforeAll(async () => {
  await captureChanges(true);
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'confab-changelog-'));
  await db.$executeRaw`
    UPDATE changelog_state SET "commit" = NULL, file = NULL, directory_id = NULL, lease_until = NULL, base_wanted_at = NULL, is_erasure = false`;
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const settings = (more: Partial<ChangelogSettings> = {}): ChangelogSettings => ({
  isOn: true,
  folder,
  isEmbedded,
  isCompressed: false,
  keepRowsDays: 30,
  baseDays: undefined,
  ahead: 'stop',
  ...more,
});

async function addUser(name = 'somebody'): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "user" (id, email, name, updated_at) VALUES (gen_random_uuid(), ${`${crypto.randomUUID()}@example.org`}, ${name}, now())`;
}

/** A process that lives until all is written. */
async function live(work: () => Promise<void>, more: Partial<ChangelogSettings> = {}): Promise<void> {
  const changelog = await openChangelog(settings(more));
  try {
    await work();
    await allWritten();
  } finally {
    await changelog.close();
  }
}

const filesOf = (kind: string) =>
  readdirSync(folder)
    .filter((name) => name.startsWith(kind))
    .sort();

test('a database that was made by a replay begins after the files that it was made of, and overwrites none of them', async () => {
  await db.$executeRaw`UPDATE changelog_state SET epoch = 0`;
  await live(() => addUser());
  const before = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  // As it is in a database whose migrations have just been applied.
  await db.$executeRaw`UPDATE changelog_state SET epoch = 0, "commit" = NULL, file = NULL, directory_id = NULL, done_seq = 0`;
  await db.$executeRaw`DELETE FROM change_commit`;
  await db.$executeRaw`DELETE FROM change_entry`;
  await live(() => addUser());
  for (const [name, text] of before) expect(readFileSync(join(folder, name), 'utf8'), name).toBe(text);
  expect(filesOf('base')).toHaveLength(2);
  expect((await verify([folder])).problems).toEqual([]);
});

test('a database that was put back behind several starts is noticed, with all that it has lost', async () => {
  await live(() => addUser());
  const { epoch, commit, doneSeq, hash, secretsHash } = await readState();
  for (let starts = 0; starts < 3; starts += 1) await live(() => addUser());
  await db.$executeRaw`
    UPDATE changelog_state SET epoch = ${epoch}::int, "commit" = ${commit}::bigint, done_seq = ${doneSeq}::bigint, hash = ${hash},
      secrets_hash = ${secretsHash}, file = ${filesOf('changes')[0]}`;
  await db.$executeRaw`DELETE FROM change_commit WHERE number > ${commit}::bigint`;
  await db.$executeRaw`DELETE FROM change_entry WHERE seq > ${doneSeq}::bigint`;
  await expect(openChangelog(settings())).rejects.toThrow('ahead of the database by 3 transactions');
});

test('what cannot be brought back stops the start, so that nothing is written meanwhile', async () => {
  await live(() => addUser());
  const { epoch, commit, doneSeq, hash, secretsHash } = await readState();
  await live(() => addUser());
  await db.$executeRaw`
    UPDATE changelog_state SET epoch = ${epoch}::int, "commit" = ${commit}::bigint, done_seq = ${doneSeq}::bigint, hash = ${hash},
      secrets_hash = ${secretsHash}, file = ${filesOf('changes')[0]}`;
  await db.$executeRaw`DELETE FROM change_commit WHERE number > ${commit}::bigint`;
  await db.$executeRaw`DELETE FROM change_entry WHERE seq > ${doneSeq}::bigint`;
  const last = join(folder, filesOf('changes').at(-1) ?? '');
  writeFileSync(last, readFileSync(last, 'utf8').replace("'somebody'", "'nobody'"));
  const start = openChangelog(settings({ ahead: 'replay' }));
  await expect(start).rejects.toThrow('They cannot be brought back: ');
  await expect(start).rejects.toBeInstanceOf(SettingError);
});

test('a compressed file that is damaged does not end the process', async () => {
  await live(() => addUser());
  const [name = ''] = filesOf('changes');
  rmSync(join(folder, name));
  writeFileSync(join(folder, `${name}.gz`), 'This is no gzip.');
  await live(() => addUser());
  expect(filesOf('base')).toHaveLength(2);
  expect(readFileSync(join(folder, filesOf('base').at(-1) ?? ''), 'utf8')).toContain('"why":"DAMAGED"');
});

test('a wish for a base that comes while another one is written stays', async () => {
  const { epoch } = (await takeLease(true)) ?? { epoch: 0 };
  await wantBase(db, true);
  await noteBase(epoch, null, null);
  const { baseWantedAt, isErasure } = await readState();
  expect({ baseWantedAt, isErasure }).toEqual({ baseWantedAt: expect.any(String), isErasure: true });
  await noteBase(epoch, null, baseWantedAt);
  expect(await readState()).toMatchObject({ baseWantedAt: null, isErasure: false });
  await releaseLease(epoch);
});

test('a person who was erased while the log was off is in no file once it is on again', async () => {
  await live(() => addUser('Erased Erasmus'));
  await (await openChangelog(settings({ isOn: false }))).close();
  await db.$executeRaw`DELETE FROM "user" WHERE name = 'Erased Erasmus'`;
  await wantBase(db, true);
  await captureChanges(true);
  await live(async () => {
    await expect.poll(async () => (await readState()).baseWantedAt, { timeout: 30_000 }).toBe(null);
  });
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(texts.filter((text) => text.includes('Erasmus'))).toEqual([]);
}, 60_000);

test('a node that was away while another one wrote a base removes what the base stands for at its start', async () => {
  await live(() => addUser());
  const { commit, removedUntil } = await readState();
  const old = filesOf('changes');
  // The other node has its own directory, and what it wrote there is written here as a base.
  await db.$executeRaw`
    UPDATE changelog_state SET removed_until = ${commit}::bigint, directory_id = gen_random_uuid()`;
  await live(() => addUser());
  expect(filesOf('changes').filter((name) => old.includes(name))).toEqual([]);
  await db.$executeRaw`UPDATE changelog_state SET removed_until = ${removedUntil}::bigint`;
});

test('files before a base are removed, halves of them too', async () => {
  const names = [
    'changes-000000000001-000001.sql',
    'changes-000000000001-000001.sql.gz.tmp',
    'base-000000000002-000001.sql.tmp',
    'changes-000000000004-000001.sql',
    'base-000000000004-000002.sql.tmp',
  ];
  for (const name of names) writeFileSync(join(folder, name), 'words');
  await removeFilesUntil(folder, 3);
  expect(readdirSync(folder).sort()).toEqual(['base-000000000004-000002.sql.tmp', 'changes-000000000004-000001.sql']);
});

test('a directory whose id was never written, as on a full disk, gets one', async () => {
  writeFileSync(join(folder, 'directory-id'), '');
  const id = await openDirectory(folder);
  expect(id).toMatch(/^[\da-f-]{36}$/);
  expect(await openDirectory(folder)).toBe(id);
});

test('the log can be turned off where its directory cannot be written', async () => {
  await live(() => addUser());
  const blocked = join(folder, 'a file');
  writeFileSync(blocked, '');
  const off = await openChangelog(settings({ isOn: false, folder: join(blocked, 'changelog') }));
  expect(off.lag).toBe(null);
  expect((await readState()).commit).toBe(null);
  expect(existsSync(blocked)).toBe(true);
  await captureChanges(true);
});

test('rows are kept from which the appender knows what it has written beyond a transaction that waits', async () => {
  await live(async () => {
    await addUser();
    await addUser();
  });
  const numbers = () => db.$queryRaw<{ number: number }[]>`SELECT number::int FROM change_commit ORDER BY number`;
  const all = await numbers();
  await db.$executeRaw`
    UPDATE changelog_state SET done_seq = (SELECT last_seq - 1 FROM change_commit ORDER BY number DESC LIMIT 1)`;
  await pruneRows(0);
  expect(await numbers()).toEqual(all.slice(-1));
});

test('a lease that ends in a far future, since the clock was set back, is taken', async () => {
  await db.$executeRaw`UPDATE changelog_state SET lease_until = clock_timestamp() + interval '1 hour'`;
  expect(await takeLease(false)).not.toBe(null);
  expect(await takeLease(false)).toBe(null);
});

test('a column that a migration of another node has added is written as what it is', async () => {
  await live(async () => {
    await addUser('before');
    await allWritten();
    await db.$transaction(async (tx) => {
      await tx.$executeRaw`ALTER TABLE "user" ADD COLUMN extra jsonb`;
      await tx.$executeRaw`
        INSERT INTO change_entry (xid, began, actor, relation, operation, after)
        VALUES (pg_current_xact_id()::text::bigint, now(), 'MIGRATION 2', 'migration', 'MIGRATION', '{"name":"2","checksum":"0"}')`;
    });
    await db.$executeRaw`UPDATE "user" SET extra = '{"a": ["b"]}' WHERE name = 'before'`;
  });
  await db.$executeRaw`ALTER TABLE "user" DROP COLUMN extra`;
  const text = filesOf('changes').map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(text.join('')).toContain(`SET "extra" = '{"a":["b"]}' WHERE`);
});

test.skipIf(isEmbedded)(
  'a snapshot is taken while more people write than there are connections',
  async () => {
    const over = new AbortController();
    const writers = Array.from({ length: 60 }, async () => {
      while (!over.signal.aborted) await addUser();
    });
    try {
      for (let times = 0; times < 3; times += 1)
        expect(await inSnapshot(false, (tx) => tx.user.count())).toBeGreaterThan(0);
    } finally {
      over.abort();
      await Promise.allSettled(writers);
    }
  },
  45_000,
);
