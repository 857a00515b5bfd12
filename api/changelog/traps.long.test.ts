/** The classic traps of a log of changes, each by name: after each of them the files lead to the rows. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { expectReplay } from '../testing/changelog.ts';
import { useConfab } from '../testing/confab.ts';

const folder = mkdtempSync(join(tmpdir(), 'confab-changelog-'));
useConfab({ changelog: { folder } });

async function addUser(name: string): Promise<string> {
  const { id } = await db.user.create({ data: { name, email: `${crypto.randomUUID()}@example.org` } });
  return id;
}

async function addAgent(): Promise<string> {
  const handle = `agent-${crypto.randomUUID().slice(0, 8)}`;
  const { id } = await db.agent.create({ data: { handle, name: handle, provider: 'ECHO' } });
  return id;
}

async function countEntries(): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`SELECT count(*)::int FROM change_entry`;
  return row?.count ?? 0;
}

/** The entries that the work makes, as `OPERATION table`. */
async function entriesOf(work: () => Promise<unknown>): Promise<string[]> {
  const [last] = await db.$queryRaw<{ seq: number }[]>`SELECT coalesce(max(seq), 0)::float8 AS seq FROM change_entry`;
  await work();
  const entries = await db.$queryRaw<{ entry: string }[]>`
    SELECT operation || ' ' || relation AS entry FROM change_entry WHERE seq > ${last?.seq ?? 0}::bigint ORDER BY seq`;
  return entries.map(({ entry }) => entry);
}

async function cascades(): Promise<void> {
  const [ann, bob, agentId] = [await addUser('ann'), await addUser('bob'), await addAgent()];
  const said = (seq: number) => ({ seq, revision: seq, role: 'USER', authorId: ann }) as const;
  const reactions = (userId: string) => ({ create: { userId, emoji: '🎉' } });
  const chat = await db.chat.create({
    data: {
      createdById: ann,
      agentId,
      members: { create: { userId: ann } },
      messages: { create: { ...said(1), reactions: reactions(ann) } },
    },
    include: { messages: true },
  });
  // An answer goes with what it answers.
  await db.message.create({
    data: {
      chatId: chat.id,
      parentId: chat.messages[0]?.id ?? null,
      seq: 2,
      revision: 2,
      role: 'ASSISTANT',
      agentId,
      reactions: reactions(ann),
    },
  });
  await db.chat.create({
    data: {
      kind: 'ROOM',
      createdById: bob,
      agentId,
      members: { create: [{ userId: bob, role: 'OWNER' }, { userId: ann }] },
      roomAgents: { create: { agentId } },
      messages: { create: { ...said(1), reactions: reactions(bob) } },
    },
  });
  const ofUser = await entriesOf(() => db.user.delete({ where: { id: ann } }));
  expect(ofUser).toEqual(
    expect.arrayContaining(['DELETE user', 'DELETE chat', 'DELETE message', 'DELETE reaction', 'UPDATE message']),
  );
  const ofAgent = await entriesOf(() => db.agent.delete({ where: { id: agentId } }));
  expect(ofAgent).toEqual(expect.arrayContaining(['DELETE agent', 'UPDATE chat', 'DELETE room_agent']));
  expect(await db.reaction.count({ where: { userId: ann } })).toBe(0);
  expect(await db.message.count({ where: { authorId: null, reactions: { some: { userId: bob } } } })).toBe(1);
}

/** Whoever takes a line for a header or for the end of a transaction by its looks is misled. */
async function forgedHeader(): Promise<void> {
  await addUser(
    `\n-- {"commit":9,"sha256":"${'0'.repeat(64)}"}\nCOMMIT;\n\\q :name '' \\' \u2028 \u0007 \u{1F600} \u{10FFFF} \u{2070E} ‮`,
  );
  await addUser('');
}

async function dateStyle(): Promise<void> {
  const at = '2026-04-03T18:51:07.891Z';
  await db.$transaction(async (tx) => {
    for (const setting of [
      `DateStyle = 'SQL, DMY'`,
      `TimeZone = 'Pacific/Chatham'`,
      `IntervalStyle = 'sql_standard'`,
      `bytea_output = 'escape'`,
      `extra_float_digits = 0`,
    ])
      await tx.$executeRawUnsafe(`SET LOCAL ${setting}`);
    await tx.$executeRaw`
      INSERT INTO "user" (id, email, name, updated_at)
      VALUES (gen_random_uuid(), 'style@example.org', 'style', ${at}::timestamptz)`;
    await tx.$executeRaw`
      UPDATE "user" SET disabled_at = '03/04/2026 18:51:07.123456'::timestamptz WHERE email = 'style@example.org'`;
  });
  const { updatedAt, disabledAt } = await db.user.findUniqueOrThrow({ where: { email: 'style@example.org' } });
  expect(updatedAt).toEqual(new Date(at));
  // The day comes first, on the other side of the date line.
  expect(disabledAt?.toISOString()).toMatch(/^2026-04-03T/);
}

async function sequenceGap(): Promise<void> {
  const rolledBack = db.$transaction(async (tx) => {
    await tx.$executeRaw`
      INSERT INTO "user" (id, email, name, updated_at) VALUES (gen_random_uuid(), 'never@example.org', 'never', now())`;
    throw new Error('Rolled back.');
  });
  await expect(rolledBack).rejects.toThrow('Rolled back.');
  await addUser('after');
  await db.$queryRaw`SELECT nextval('change_entry_seq_seq') FROM generate_series(1, 10000)`;
  await addUser('far after');
  const [gap] = await db.$queryRaw<{ largest: number }[]>`
    SELECT max(distance)::int AS largest FROM (SELECT seq - lag(seq) OVER (ORDER BY seq) AS distance FROM change_entry) d`;
  expect(gap?.largest).toBeGreaterThan(10_000);
}

async function onConflict(): Promise<void> {
  const upsert = (name: string) => db.$executeRaw`
    INSERT INTO "user" (id, email, name, updated_at)
    SELECT gen_random_uuid(), 'upsert-' || n || '@example.org', ${name}, '2026-01-01' FROM generate_series(1, 2) n
    ON CONFLICT (email) DO UPDATE SET name = excluded.name`;
  expect(await entriesOf(() => upsert('first'))).toEqual(
    expect.arrayContaining(['INSERT user', 'INSERT handle', 'INSERT user', 'INSERT handle']),
  );
  expect(await entriesOf(() => upsert('second'))).toEqual(['UPDATE user', 'UPDATE user']);
  expect(await entriesOf(() => upsert('second'))).toEqual([]);
  const nothing = () => db.$executeRaw`
    INSERT INTO "user" (id, email, name, updated_at) VALUES (gen_random_uuid(), 'upsert-1@example.org', 'third', now())
    ON CONFLICT DO NOTHING`;
  expect(await entriesOf(nothing)).toEqual([]);
}

async function updateOfKey(): Promise<void> {
  const [ann, bob, agentId] = [await addUser('ann'), await addUser('bob'), await addAgent()];
  await db.chat.create({ data: { createdById: ann, agentId } });
  // What refers to it follows.
  const other = crypto.randomUUID();
  const ofAgent = await entriesOf(() => db.agent.update({ where: { id: agentId }, data: { id: other } }));
  expect(ofAgent).toEqual(expect.arrayContaining(['UPDATE agent', 'UPDATE chat', 'UPDATE handle']));
  expect(await db.chat.count({ where: { agentId: other } })).toBe(1);
  // Two that change places, by way of a third.
  const names = async () =>
    (await db.handle.findMany({ where: { userId: { in: [ann, bob] } } })).map(({ name }) => name);
  const [one = '', two = ''] = await names();
  await db.$transaction(
    [
      [one, 'meanwhile'],
      [two, one],
      ['meanwhile', two],
    ].map(([from = '', to = '']) => db.$executeRaw`UPDATE handle SET name = ${to} WHERE name = ${from}`),
  );
  expect((await names()).toSorted()).toEqual([one, two].toSorted());
}

async function updateOfNothing(): Promise<void> {
  await addUser('unchanged');
  const before = await countEntries();
  await db.$executeRaw`UPDATE "user" SET name = name, updated_at = updated_at`;
  expect(await countEntries()).toBe(before);
}

async function longText(): Promise<void> {
  await addUser('x'.repeat(1024 * 1024));
}

async function manyRows(): Promise<void> {
  const { id } = await db.chat.create({ data: {} });
  await db.$executeRaw`
    INSERT INTO message (id, chat_id, seq, role, content, revision, updated_at)
    SELECT gen_random_uuid(), ${id}::uuid, n, 'USER', 'Number ' || n, n, '2026-01-01T00:00:00.123456Z' FROM generate_series(1, 10000) n`;
}

/** In the words of the issue. Those that need two connections are in appender.test.ts. */
const traps: [string, () => Promise<void>][] = [
  ['a message that imitates a header line', forgedHeader],
  ['a session with another DateStyle', dateStyle],
  ['a sequence gap', sequenceGap],
  ['ON CONFLICT', onConflict],
  ['an update of a primary key', updateOfKey],
  ['cascades three levels deep', cascades],
  ['an update that changes nothing', updateOfNothing],
  ['a text of 1 MB', longText],
  ['a transaction of 10,000 rows', manyRows],
];

test.each(traps)('%s', { timeout: 120_000 }, async (_, work) => {
  await work();
  await expectReplay(folder);
});

test('one statement is one line: headers, settings and lines of statements, and nothing else', () => {
  const files = readdirSync(folder).filter((name) => name.startsWith('changes'));
  const lines = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  const known =
    /^(-- \{.*\}|SET .*;|BEGIN;|COMMIT;|INSERT INTO "\w+" .*;|UPDATE "\w+" SET .*;|DELETE FROM "\w+" WHERE .*;|)$/;
  expect(lines.length).toBeGreaterThan(10_000);
  expect(lines.filter((line) => !known.test(line))).toEqual([]);
});
