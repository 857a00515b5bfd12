import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { change, compress, TestLog, timeOf } from '../../testing/change-log.ts';
import { anotherDatabase, inTransaction } from '../../testing/databases.ts';
import { migrations } from '../../database/migrate.ts';
import { notCaptured, secretTables } from '../capture.ts';
import { parseRow } from '../rows.ts';
import { statementOf } from '../statement.ts';
import { readTables } from '../tables.ts';
import type { Connection } from './connection.ts';
import { microsecondsOf, openLog } from './log.ts';
import { readLog } from './read-log.ts';
import { replay, type ReplayOptions } from './replay.ts';
import { replayInto, replaySettings } from './replay-into.ts';
import { differences, stateHashes } from './state-hashes.ts';
import { temporaryTarget, type Target } from './target.ts';

const holder = '0198c000-0000-7000-8000-000000000001';
const insert = (name: string, endedAt = '2026-11-29T10:15:30.123+00:00') =>
  `INSERT INTO "former_handle" ("name", "holder_id", "ended_at") VALUES ('${name}', '${holder}', '${endedAt}');`;
const rename = (from: string, to: string) => `UPDATE "former_handle" SET "name" = '${to}' WHERE "name" = '${from}';`;
const remove = (name: string) => `DELETE FROM "former_handle" WHERE "name" = '${name}';`;

async function names({ connection }: Target): Promise<string[]> {
  const rows = await connection.$queryRawUnsafe<{ name: string }[]>('SELECT name FROM former_handle ORDER BY name');
  return rows.map(({ name }) => name);
}

/** A base with one row, then one transaction for each list of statements. */
async function logOf(...transactions: string[][]): Promise<TestLog> {
  const log = await TestLog.make();
  await log.base({ statements: [insert('a')] });
  await log.file();
  for (const statements of transactions) await log.transaction({ statements });
  return log;
}

async function replayed(log: TestLog, options?: ReplayOptions): Promise<string[]> {
  await using target = await anotherDatabase();
  await replay([log.folder], target, options);
  return await names(target);
}

test('a base and the transactions after it are replayed in their order, changes of keys too', async () => {
  await using log = await logOf(
    [insert('b'), rename('a', 'c')],
    [rename('b', 'a'), rename('c', 'b'), insert('d')],
    [remove('a')],
  );
  expect(await replayed(log)).toEqual(['b', 'd']);
});

test('--until ends a replay after a transaction, or before the first that began later, to the microsecond', async () => {
  await using log = await logOf([insert('b')], [insert('c')], [insert('d')]);
  expect(await replayed(log, { until: { commit: 2 } })).toEqual(['a', 'b', 'c']);
  expect(await replayed(log, { until: { commit: 0 } })).toEqual(['a']);
  expect(await replayed(log, { until: { time: microsecondsOf(timeOf(2)) } })).toEqual(['a', 'b', 'c']);
  expect(await replayed(log, { until: { time: microsecondsOf(timeOf(2)) - 1 } })).toEqual(['a', 'b']);
  await expect(replayed(log, { until: { time: microsecondsOf('2020-01-01') } })).rejects.toThrow(
    'The files begin with what was there after transaction 0',
  );
});

test('a time is read with and without an offset, and nothing else is', () => {
  expect(microsecondsOf('2026-11-29T10:15:30.123456Z')).toBe(1795947330123456);
  expect(microsecondsOf('2026-11-29 11:15:30.1+01:00')).toBe(1795947330100000);
  expect(microsecondsOf('2026-11-29')).toBe(1795910400000000);
  expect(() => microsecondsOf('yesterday')).toThrow('is no time');
});

test('a replay begins with the newest base that is not after its end', async () => {
  await using log = await logOf([insert('b')]);
  // It differs from what the transactions lead to, so that it shows.
  await log.base({ statements: [insert('base')] }, { why: 'ASKED', continues: '' });
  await log.file();
  await log.transaction({ statements: [insert('c')] });
  expect(await replayed(log)).toEqual(['base', 'c']);
  expect(await replayed(log, { until: { commit: 1 } })).toEqual(['base']);
  expect(await replayed(log, { until: { commit: 0 } })).toEqual(['a']);
});

test('no `--until` replays transactions given up at a branch', async () => {
  await using log = await logOf([insert('b')], [insert('lost')]);
  log.epoch = 2;
  await log.base({ statements: [insert('a'), insert('b')] }, { why: 'BRANCH', branch: { after: 1, until: 2 } });
  await log.file();
  await log.transaction({ statements: [insert('c')] });
  expect(await replayed(log)).toEqual(['a', 'b', 'c']);
  expect(await replayed(log, { until: { commit: 2 } })).toEqual(['a', 'b']);
  expect(await replayed(log, { until: { commit: 1 } })).toEqual(['a', 'b']);
});

test('a log that begins with the database needs no base', async () => {
  await using log = await TestLog.make();
  await log.file();
  await log.transaction({ statements: [insert('first')] });
  expect(await replayed(log)).toEqual(['first']);
});

test('secrets are replayed with the rest, and are not forgotten by mistake', async () => {
  await using log = await TestLog.make();
  const user = `INSERT INTO "user" ("id", "email", "name", "updated_at") VALUES ('${holder}', 'ann@example.org', 'Ann', '2026-11-29T00:00:00Z');`;
  const account = `INSERT INTO "account" ("id", "user_id", "account_id", "provider_id", "password", "updated_at") VALUES ('${holder}', '${holder}', '1', 'credential', 'hash', '2026-11-29T00:00:00Z');`;
  await log.base();
  await log.file();
  const main = await log.transaction({ statements: [user], secrets: [account] });
  await log.transaction({ statements: [insert('a')] });
  await using target = await anotherDatabase();
  await replay([log.folder], target);
  expect(await target.connection.$queryRawUnsafe('SELECT password FROM account')).toEqual([{ password: 'hash' }]);
  await rm(join(log.folder, 'secrets-changes-000000000001-000001.sql'));
  await expect(replayed(log)).rejects.toThrow(`The secrets files have no such transaction (${main}`);
  await rm(join(log.folder, 'secrets-base-000000000000-000001.sql'));
  await expect(replayed(log)).rejects.toThrow('There are no secrets files');
  await using another = await anotherDatabase();
  await replay([log.folder], another, { isWithoutSecrets: true });
  expect(await another.connection.$queryRawUnsafe('SELECT email FROM "user"')).toEqual([{ email: 'ann@example.org' }]);
});

test.for([
  [
    'touches no row',
    remove('nobody'),
    /^The statement touches 0 rows instead of one \(.*changes-000000000001-000001\.sql, byte \d+, transaction 2\)/,
  ],
  ['touches three', `UPDATE "former_handle" SET "ended_at" = '2026-11-29T00:00:00Z';`, /^The statement touches 3 rows/],
  ['is refused', insert('a'), /^The database refuses the statement: .*duplicate key.*transaction 2\)/],
  [
    'is of a table that is not captured',
    `DELETE FROM "session" WHERE "id" = '${holder}';`,
    /^The log writes to no table "session"/,
  ],
  ['is two', `${insert('x')} ${insert('y')}`, /more than one statement|not one/],
] as const)('a statement that %s ends a replay with its place', async ([, statement, message]) => {
  await using log = await logOf([insert('b')], [insert('c'), statement], [insert('d')]);
  await expect(replayed(log)).rejects.toThrow(message);
  expect(await replayed(log, { until: { commit: 1 } })).toEqual(['a', 'b']);
});

test('a digest that is wrong ends a replay, though its statements could be run', async () => {
  await using log = await logOf([insert('b')], [insert('c')]);
  await change(`${log.folder}/changes-000000000001-000001.sql`, (text) => text.replace(`('c'`, `('x'`));
  await expect(replayed(log)).rejects.toThrow(/^The transaction was changed.*transaction 2\)/);
});

test('half a transaction at the end leaves nothing behind', async () => {
  await using log = await logOf([insert('b')], [insert('c'), insert('d')]);
  await change(`${log.folder}/changes-000000000001-000001.sql`, (text) => text.slice(0, -20));
  expect(await replayed(log)).toEqual(['a', 'b']);
});

test('compressed files are replayed', async () => {
  await using log = await logOf([insert('b')]);
  for (const name of ['base-000000000000', 'changes-000000000001', 'secrets-changes-000000000001'])
    await compress(`${log.folder}/${name}-000001.sql`);
  expect(await replayed(log)).toEqual(['a', 'b']);
});

test('a migration is applied where the log names it, what it wrote is not written twice, and its checksum must agree', async () => {
  const [before, migration] = migrations().slice(-2);
  if (!before || !migration) throw new Error('There are no migrations.');
  const { name, checksum } = migration;
  const logWith = async (migration: { name: string; checksum: string }) => {
    const log = await TestLog.make();
    log.migration = before.name;
    await log.base({ statements: [insert('a')] });
    await log.file();
    await log.transaction({ statements: [insert('b')] });
    await log.transaction({ statements: [insert('by the migration')] }, { migration, actor: `MIGRATION ${name}` });
    await log.transaction({ statements: [insert('another of its')] }, { actor: `MIGRATION ${name}` });
    await log.transaction({ statements: [insert('c')] });
    return log;
  };
  await using log = await logWith({ name, checksum });
  await using target = await temporaryTarget();
  await replay([log.folder], target);
  expect(await names(target)).toEqual(['a', 'b', 'c']);
  const applied = `SELECT count(*)::int AS count FROM _prisma_migrations WHERE finished_at IS NOT NULL`;
  expect(await target.connection.$queryRawUnsafe(applied)).toEqual([{ count: migrations().length }]);

  await using earlier = await temporaryTarget();
  await replay([log.folder], earlier, { until: { commit: 1 } });
  expect(await earlier.connection.$queryRawUnsafe(applied)).toEqual([{ count: migrations().length - 1 }]);

  await using other = await logWith({ name, checksum: 'another' });
  await expect(replayed(other)).rejects.toThrow(`The migration ${name} is not the one that was applied then`);
  await using newer = await logWith({ name: '29991231000000_newer', checksum });
  await expect(replayed(newer)).rejects.toThrow('This version of Confab has no migration 29991231000000_newer');
});

test('a transaction of 10,000 rows, and a text of 1 MB', async () => {
  const long = 'x'.repeat(1024 * 1024);
  await using log = await logOf(
    Array.from({ length: 10_000 }, (_, index) => insert(`n${index}`)),
    [`INSERT INTO "chat" ("id", "topic", "updated_at") VALUES ('${holder}', '${long}', '2026-11-29T00:00:00Z');`],
    Array.from({ length: 9_999 }, (_, index) => remove(`n${index}`)),
  );
  await using target = await anotherDatabase();
  await replay([log.folder], target);
  expect(await names(target)).toEqual(['a', 'n9999']);
  const [chat] = await target.connection.$queryRawUnsafe<{ topic: string }[]>('SELECT topic FROM chat');
  expect(chat?.topic === long).toBe(true);
});

test('a foreign key that does not hold in the end is named', async () => {
  await using log = await logOf([`INSERT INTO "handle" ("name", "user_id") VALUES ('nobody', '${holder}');`]);
  await expect(replayed(log)).rejects.toThrow(
    /^The foreign key handle_user_id_fkey of handle does not hold for 1 rows/,
  );
});

test('an owned sequence of a captured table goes on behind its largest value', async () => {
  await using target = await anotherDatabase();
  await target.connection.run(['CREATE TABLE counted (id bigserial PRIMARY KEY);']);
  await using log = await logOf([`INSERT INTO "counted" ("id") VALUES (41);`]);
  await replay([log.folder], target);
  expect(await target.connection.$queryRawUnsafe(`SELECT nextval('counted_id_seq')::int AS id`)).toEqual([{ id: 42 }]);
});

test('missing transactions are brought back into a database in one transaction, or not at all', async () => {
  await using log = await logOf([insert('b')], [insert('c')], [insert('d'), remove('nobody')]);
  await using target = await anotherDatabase();
  await replay([log.folder], target, { until: { commit: 1 } });
  const found = await openLog([log.folder], () => undefined);
  async function bringBack(commit: number): Promise<void> {
    const pieces = (async function* () {
      let isMissing = false;
      for await (const piece of readLog(found, found.bases[0] ?? null, () => undefined)) {
        if (piece.what === 'transaction') isMissing = piece.header.commit > 1;
        if (isMissing) yield piece;
      }
    })();
    await target.connection.run(['BEGIN;', ...replaySettings]);
    try {
      await replayInto(target.connection, pieces, { until: { commit } });
      await target.connection.run(['COMMIT;']);
    } catch (error) {
      await target.connection.run(['ROLLBACK;']);
      throw error;
    }
  }
  await expect(bringBack(3)).rejects.toThrow(/touches 0 rows/);
  expect(await names(target)).toEqual(['a', 'b']);
  await bringBack(2);
  expect(await names(target)).toEqual(['a', 'b', 'c']);
});

/** Writes what was captured as the appender does. */
async function writeCaptured(source: Connection, log: TestLog): Promise<void> {
  const tables = await readTables(source);
  const rows = await source.$queryRawUnsafe<
    { transaction: string; relation: string; before: string | null; after: string | null }[]
  >(
    `SELECT xid::text AS transaction, relation, before::text, after::text FROM change_entry ORDER BY max(seq) OVER (PARTITION BY xid), seq`,
  );
  for (const entries of Map.groupBy(rows, ({ transaction }) => transaction).values()) {
    const of = (isSecret: boolean) =>
      entries
        .filter(({ relation }) => secretTables.has(relation) === isSecret)
        .map(({ relation, before, after }) => {
          const table = tables.get(relation);
          if (!table) throw new Error(relation);
          return statementOf(table, { before: before && parseRow(before), after: after && parseRow(after) } as never);
        });
    await log.transaction({ statements: of(false), secrets: of(true) });
  }
}

const everyType = `CREATE TABLE every_type (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), t text, v varchar(255), i int, b bigint, n numeric, d double precision, o boolean, j jsonb CHECK (jsonb_typeof(j) <> 'null'),
  ts timestamptz(3), us timestamptz(6), day date, bytes bytea, texts text[], uuids uuid[], ints int[], kind "ChatKind", length int GENERATED ALWAYS AS (char_length(t)) STORED);`;

const hostileTexts = [
  '',
  "it's",
  String.raw`back\slash \n \u0041 \\`,
  'two\nlines\r\nand\ttab',
  '\n-- {"commit":99,"sha256":"0"}\nBEGIN;\nCOMMIT;\n',
  '$$dollar$$ $1 :name \\! {"a"}',
  'NULL',
  'null',
  '\u0001\u001f\u007f\u0085\u2028\u2029\ufeff\u202e',
  '﷽ é é ẞ ı İ',
  '\u{10000}\u{1F600}\u{20000}\u{E0001}\u{FFFFD}\u{10FFFD}',
  // One of every plane.
  Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x10000 + 0x41)).join(''),
  'x'.repeat(1024 * 1024),
];

test('every type of column, with values that are hard to write, is replayed to equal rows', async () => {
  await using source = await anotherDatabase();
  await using target = await anotherDatabase();
  for (const { connection } of [source, target]) await connection.run([everyType]);
  const { connection } = source;
  await connection.$queryRawUnsafe(`SELECT capture_changes(true, $1::text[])::text`, Object.keys(notCaptured));
  // What any session may have set.
  await connection.run([
    `SET DateStyle = 'SQL, DMY';`,
    `SET TimeZone = 'Asia/Kathmandu';`,
    `SET bytea_output = 'escape';`,
  ]);
  for (const text of hostileTexts) {
    await connection.$queryRawUnsafe(
      `INSERT INTO every_type (t, v, j, bytes, texts) VALUES ($1::text, left($1::text, 255), jsonb_build_object('text', $1::text, 'none', NULL, 'list', jsonb_build_array($1::text, 1.50, 12345678901234567890)), convert_to($1::text, 'UTF8'), ARRAY[$1::text, NULL, '', $1::text])`,
      text,
    );
  }
  await inTransaction(
    connection,
    `INSERT INTO every_type (i, b, n, d, o, ts, us, day, uuids, ints, kind) VALUES
      (-2147483648, 9223372036854775807, 12345678901234567890.1234500, 1e300, true, '2026-11-29 10:15:30.123', '2026-11-29 10:15:30.123456+13:45', '2026-03-04', '{}', '{1,NULL,-3}', 'ROOM'),
      (0, -9223372036854775808, 0.10, -0.1, false, 'infinity', '-infinity', '4713-01-01 BC', ARRAY[gen_random_uuid(), NULL], NULL, NULL),
      (NULL, 9007199254740993, 'NaN', 'NaN', NULL, '0044-03-15 12:00:00 BC', '9999-12-31 23:59:59.999999', 'infinity', NULL, '{}', 'PRIVATE');`,
  );
  await inTransaction(
    connection,
    `UPDATE every_type SET j = '[null, {"a": null}, "null"]', n = n * 10 WHERE b IS NOT NULL;`,
  );
  await inTransaction(connection, `UPDATE every_type SET t = NULL, j = NULL, texts = '{}' WHERE t = 'null';`);
  await inTransaction(connection, `UPDATE every_type SET id = gen_random_uuid() WHERE t = '' OR i = 0;`);
  await inTransaction(connection, `UPDATE every_type SET t = t WHERE t = 'NULL';`);
  await inTransaction(connection, `DELETE FROM every_type WHERE t = 'NULL';`);
  await expect(connection.run([`INSERT INTO every_type (j) VALUES ('null');`])).rejects.toThrow(/every_type_j_check/);

  await using log = await TestLog.make();
  await log.base();
  await log.file();
  await writeCaptured(connection, log);
  const { rows } = await replay([log.folder], target);
  expect(rows).toBe(hostileTexts.length + 3 + 3 + 1 + 2 + 1);
  const [ours, theirs] = [await stateHashes(connection), await stateHashes(target.connection)];
  expect(differences(ours, theirs)).toEqual([]);
  expect(ours.get('every_type')?.rows).toBe(hostileTexts.length + 2);
});

test('rows that differ by one character, one microsecond or one row have other hashes', async () => {
  await using source = await anotherDatabase();
  await using target = await anotherDatabase();
  const made = `CREATE TABLE precise (id int PRIMARY KEY, t text, at timestamptz(6));`;
  for (const { connection } of [source, target]) await connection.run([made]);
  const add = ({ connection }: Target, id: number, text: string, at = '2026-11-29T10:15:30.123456Z') =>
    inTransaction(connection, `INSERT INTO precise VALUES (${id}, '${text}', '${at}');`);
  const differ = async () => differences(await stateHashes(source.connection), await stateHashes(target.connection));
  const tables = async () => (await differ()).map(({ table, theirs }) => [table, theirs?.rows]);

  await add(source, 1, 'one');
  await add(source, 2, 'two');
  await add(target, 1, 'one');
  expect(await tables()).toEqual([['precise', 1]]);
  await add(target, 2, 'twO');
  expect(await tables()).toEqual([['precise', 2]]);
  await inTransaction(target.connection, `UPDATE precise SET t = 'two' WHERE id = 2;`);
  expect(await differ()).toEqual([]);
  await inTransaction(target.connection, `UPDATE precise SET at = at + interval '1 microsecond' WHERE id = 1;`);
  expect(await tables()).toEqual([['precise', 2]]);
  await inTransaction(source.connection, `UPDATE precise SET at = at + interval '1 microsecond' WHERE id = 1;`);
  await target.connection.run([`SET TimeZone = 'Asia/Kathmandu';`]);
  expect(await differ()).toEqual([]);
  // Two rows that have changed places.
  await inTransaction(target.connection, `UPDATE precise SET t = CASE id WHEN 1 THEN 'two' ELSE 'one' END;`);
  expect(await tables()).toEqual([['precise', 2]]);
});
