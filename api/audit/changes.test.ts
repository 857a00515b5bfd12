import { beforeAll, describe, expect, test } from 'vitest';

import { captureChanges } from '../changelog/capture.ts';
import { db } from '../database/db.ts';
import type { ChangeFilter } from '../generated/graphql/graphql.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { rowId } from '../ids.ts';
import { Changes, forgetChanges, readAllChanges, type SeenChange } from '../testing/changes.ts';
import { useConfab } from '../testing/confab.ts';
import { numberChanges } from '../testing/number-changes.ts';
import { type Person, person, stranger } from '../testing/person.ts';
import { asks, does } from '../testing/plain-requests.ts';
import { openRoomWith, personIdOf } from '../testing/rooms.ts';

useConfab({ hasKey: false });

let ada: Person;
let ben: Person;
let chats: string[];
let agentId: string;

beforeAll(async () => {
  [ada, ben] = [await person('ada'), await person('ben')];
  await captureChanges(true);
  const room = await openRoomWith(ada, ben);
  const own = await ben.asks('hello');
  await ada.asks('hello');
  await does(ben, 'deleteChat', { id: own.chat.id });
  await does(ada, 'deletePerson', { id: await personIdOf(await person('cat')), messages: 'KEEP' });
  await db.$executeRaw`UPDATE agent SET description = 'by hand' WHERE provider = 'ECHO'`;
  agentId = `Agent_${(await db.agent.findFirstOrThrow({ where: { provider: 'ECHO' } })).id}`;
  chats = [room, own.chat.id];
  await numberChanges();
});

/** All of the log as it lies there, by the plainest statement. */
function entries() {
  return db.$queryRaw<
    {
      commit: number;
      seq: number;
      relation: string;
      operation: string;
      actor: string;
      requestId: string | null;
      chatIds: string[];
      began: Date;
    }[]
  >`
    SELECT c.number::float8 AS "commit", e.seq::float8 AS seq, e.relation, e.operation::text, c.actor, c.request_id AS "requestId",
      c.chat_ids AS "chatIds", c.began
    FROM change_commit c JOIN change_entry e ON e.xid = c.xid AND e.seq BETWEEN c.first_seq AND c.last_seq ORDER BY c.number, e.seq`;
}

const placesOf = (changes: readonly { commit: number; seq: number }[]) =>
  changes.map(({ commit, seq }) => [commit, seq]);

describe('pages', () => {
  test.each([1, 3, 7, 100])(
    'of %d give every change once, in the order of their transactions, in both directions',
    async (size) => {
      const expected = placesOf(await entries());
      expect(expected.length).toBeGreaterThan(30);
      const forward = await readAllChanges(ada, {}, { size });
      const backward = await readAllChanges(ada, {}, { size, isBackward: true });
      expect(placesOf(forward.changes)).toEqual(expected);
      expect(backward.changes).toEqual(forward.changes);
      expect(forward.pages).toBe(Math.ceil(expected.length / size));
    },
  );

  test('the newest come by `last`, and a page says that there is more', async () => {
    const all = await entries();
    const { changes } = await ada.ask(Changes, { last: 2 });
    expect(placesOf(changes?.nodes ?? [])).toEqual(placesOf(all.slice(-2)));
    expect(changes?.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  test('the cursor at the end continues with later changes, also where the filter found nothing', async () => {
    await numberChanges();
    const filter = { tables: ['invitation'] };
    const room = chats[0] ?? '';
    for (const page of [{ last: 5 }, { first: 5 }]) {
      const { changes } = await ada.ask(Changes, { ...page, filter });
      expect(changes?.nodes).toEqual([]);
      await does(ada, 'createInvitation', { chatId: room });
      await numberChanges();
      const more = await ada.ask(Changes, { first: 5, after: changes?.pageInfo.endCursor ?? null, filter });
      expect(more.changes?.nodes).toMatchObject([{ table: 'invitation', operation: 'INSERT' }]);
      await db.$executeRaw`DELETE FROM change_entry WHERE relation = 'invitation'`;
    }
  });

  test('what is in no file yet is not shown', async () => {
    const before = placesOf(await entries());
    await does(ada, 'updatePreferences', { theme: 'DARK' });
    expect(placesOf((await readAllChanges(ada)).changes)).toEqual(before);
    await numberChanges();
    const { changes } = await readAllChanges(ada);
    expect(changes.length).toBe(before.length + 1);
    expect(changes.at(-1)?.fields).toEqual(
      expect.arrayContaining([{ name: 'theme', isMasked: false, before: '"SYSTEM"', after: '"DARK"' }]),
    );
  });

  test('a malformed cursor is refused', async () => {
    for (const after of ['x', Buffer.from('[1]').toString('base64url'), Buffer.from('["1",2]').toString('base64url')]) {
      const { errors } = await ada.askFor(Changes, { first: 1, after });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_PAGE' });
    }
  });
});

test('a change has its row, the changed columns, the actor and the request', async () => {
  const { changes } = await readAllChanges(ada);
  const of = (table: string, operation: string): SeenChange | undefined =>
    changes.find((change) => change.table === table && change.operation === operation);

  expect(of('chat', 'UPDATE')?.fields.map(({ name }) => name)).not.toContain('id');
  expect(of('chat', 'UPDATE')?.rowId).toMatch(/^[\da-f-]{36}$/);
  expect(of('chat', 'INSERT')?.fields).toContainEqual({ name: 'kind', isMasked: false, before: null, after: '"ROOM"' });
  expect(of('user', 'DELETE')?.fields).toContainEqual({ name: 'name', isMasked: false, before: '"cat"', after: null });
  expect(of('chat', 'INSERT')).toMatchObject({ actor: { kind: 'USER', person: { name: 'ada' }, agent: null } });
  expect(of('chat', 'INSERT')?.requestId).toBeTruthy();
  const byHand = changes.find(({ table, actor }) => table === 'agent' && actor.kind === 'DATABASE');
  expect(byHand).toMatchObject({ rowId: rowId('Agent', agentId), requestId: null, actor: { person: null } });
  expect(byHand?.fields).toContainEqual(expect.objectContaining({ name: 'description', after: '"by hand"' }));
  const end = changes.find(({ actor }) => actor.kind === 'AGENT');
  expect(end?.actor).toMatchObject({ subject: agentId, agent: { name: 'Echo' } });
});

test('what was erased is said to be, and has no values', async () => {
  const { changes } = await ada.ask(Changes, { last: 1 });
  const seq = changes?.nodes[0]?.seq ?? 0;
  const { before, after } = await db.changeEntry.findUniqueOrThrow({ where: { seq } });
  await db.$executeRaw`UPDATE change_entry SET before = NULL, after = NULL WHERE seq = ${seq}::bigint`;
  expect((await ada.ask(Changes, { last: 1 })).changes?.nodes[0]).toMatchObject({
    isErased: true,
    rowId: null,
    fields: [],
  });
  await db.changeEntry.update({ where: { seq }, data: { before: before ?? {}, after: after ?? {} } });
});

test('a new name and a new password are captured as their owner’s', async () => {
  await ben.post('/api/auth/update-user', { name: 'Benjamin' });
  const passwords = { currentPassword: ben.password, newPassword: `${ben.password} again` };
  expect((await ben.post('/api/auth/change-password', passwords)).status).toBe(200);
  const rows = await db.$queryRaw<{ relation: string }[]>`
    SELECT DISTINCT relation FROM change_entry
    WHERE actor = ${`USER ${rowId('Person', await personIdOf(ben))}`} AND operation = 'UPDATE' AND relation IN ('user', 'account')`;
  expect(rows.map(({ relation }) => relation).toSorted()).toEqual(['account', 'user']);
});

describe('a filter', () => {
  interface Case {
    filter: ChangeFilter;
    means: (entry: Awaited<ReturnType<typeof entries>>[number]) => boolean;
  }
  /** Made when the rows are there. */
  async function cases(): Promise<Record<string, Case>> {
    const all = await entries();
    const middle = all[Math.floor(all.length / 2)];
    const [since, until] = [all[Math.floor(all.length / 3)]?.began, all[Math.floor((all.length * 2) / 3)]?.began];
    const [adaId, benId] = [await personIdOf(ada), await personIdOf(ben)];
    const chatId = chats[1] ?? '';
    const requestId = all.findLast((entry) => entry.requestId !== null)?.requestId ?? '';
    const after = (time?: Date) => (time ?? new Date()).toISOString();
    const isSince = ({ began }: { began: Date }) => began.getTime() >= (since?.getTime() ?? 0);
    return {
      'one table': { filter: { tables: ['message'] }, means: ({ relation }) => relation === 'message' },
      tables: { filter: { tables: ['chat', 'user'] }, means: ({ relation }) => ['chat', 'user'].includes(relation) },
      'no table': { filter: { tables: [] }, means: () => false },
      operations: { filter: { operations: ['DELETE'] }, means: ({ operation }) => operation === 'DELETE' },
      'a person': { filter: { actorId: benId }, means: ({ actor }) => actor === `USER ${rowId('Person', benId)}` },
      'an agent': { filter: { actorId: agentId }, means: ({ actor }) => actor === `AGENT ${rowId('Agent', agentId)}` },
      nobody: { filter: { actorId: 'Chat_x' }, means: () => false },
      'a chat': { filter: { chatId }, means: ({ chatIds }) => chatIds.includes(rowId('Chat', chatId)) },
      'a request': { filter: { requestId }, means: (entry) => entry.requestId === requestId },
      since: { filter: { since: after(since) }, means: isSince },
      until: { filter: { until: after(until) }, means: ({ began }) => began.getTime() < (until?.getTime() ?? 0) },
      'a moment': {
        filter: { since: after(middle?.began), until: after(new Date((middle?.began.getTime() ?? 0) + 1)) },
        means: ({ began }) => began.getTime() === middle?.began.getTime(),
      },
      'all of it': {
        filter: { tables: ['chat', 'message'], operations: ['UPDATE'], actorId: adaId, since: after(since) },
        means: (entry) =>
          ['chat', 'message'].includes(entry.relation) &&
          entry.operation === 'UPDATE' &&
          entry.actor === `USER ${rowId('Person', adaId)}` &&
          isSince(entry),
      },
      'a chat and an operation': {
        filter: { chatId, operations: ['INSERT'] },
        means: ({ chatIds, operation }) => chatIds.includes(rowId('Chat', chatId)) && operation === 'INSERT',
      },
    };
  }

  test('finds what a comparison of every entry finds, in both directions', async () => {
    const all = await entries();
    for (const [name, { filter, means }] of Object.entries(await cases())) {
      const expected = placesOf(all.filter(means));
      if (!name.startsWith('no')) expect(expected.length, name).toBeGreaterThan(0);
      for (const size of [2, 100]) {
        expect(placesOf((await readAllChanges(ada, filter, { size })).changes), name).toEqual(expected);
        const backward = await readAllChanges(ada, filter, { size, isBackward: true });
        expect(placesOf(backward.changes), name).toEqual(expected);
      }
    }
  });

  test('is refused where it is too long', async () => {
    const far = { tables: Array.from({ length: 51 }, () => 'chat') };
    for (const filter of [far, { tables: ['a\0'] }, { requestId: 'x'.repeat(201) }]) {
      const { errors } = await ada.askFor(Changes, { first: 1, filter });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' });
    }
    const none = await ada.ask(Changes, { first: 1, filter: { until: '0000-01-01T00:00:00Z' } });
    expect(none.changes?.nodes).toEqual([]);
  });
});

describe('who is no administrator', () => {
  test('finds neither changes nor the state of the files, and asks for no base', async () => {
    const [changes, state] = ['{ changes { nodes { table } } }', '{ changelog { isOn } }'];
    expect(await asks(ben, changes, {})).toEqual({ changes: null });
    expect(await asks(ben, state, {})).toEqual({ changelog: null });
    expect(await does(ben, 'writeChangelogBase', {})).toBe('NotFoundError');
    expect(await asks(ada, state, {})).toEqual({ changelog: { isOn: true } });
  });

  test('and a signed-out request is refused as UNAUTHENTICATED', async () => {
    const response = await stranger().post('/graphql', { query: '{ changes { nodes { table } } }' });
    expect(response.status).toBe(401);
  });
});

const StateOfFiles = graphql(`
  query StateOfFiles {
    changelog {
      isOn
      problem
      commit
      lagCommits
      lagSeconds
      bytes
      baseAt
      baseWantedAt
      verifiedAt
      verifyProblem
    }
  }
`);

describe('the state of the files', () => {
  test('reports how far they reach, and what waits', async () => {
    await numberChanges();
    const { changelog } = await ada.ask(StateOfFiles, {});
    expect(changelog).toMatchObject({ isOn: true, problem: null, lagCommits: 0, lagSeconds: 0, verifiedAt: null });
    await does(ada, 'updatePreferences', { theme: 'LIGHT' });
    await does(ada, 'updatePreferences', { theme: 'DARK' });
    const waiting = (await ada.ask(StateOfFiles, {})).changelog;
    expect(waiting).toMatchObject({ commit: changelog?.commit, lagCommits: 2 });
    expect(waiting?.lagSeconds).toBeGreaterThan(0);
    await numberChanges();
    const done = (await ada.ask(StateOfFiles, {})).changelog;
    expect(done).toMatchObject({ commit: (changelog?.commit ?? 0) + 2, lagCommits: 0, lagSeconds: 0 });
  });

  test('a problem is shown, and that nothing is captured', async () => {
    await db.$executeRaw`UPDATE changelog_state SET problem = 'The disk is full.'`;
    await captureChanges(false);
    expect((await ada.ask(StateOfFiles, {})).changelog).toMatchObject({ isOn: false, problem: 'The disk is full.' });
    await db.$executeRaw`UPDATE changelog_state SET problem = NULL`;
    await captureChanges(true);
  });

  test('a base that is asked for is wanted from then on', async () => {
    expect(await does(ada, 'writeChangelogBase', {})).toBe('WriteChangelogBasePayload');
    const { changelog } = await ada.ask(StateOfFiles, {});
    expect(Math.abs(Date.now() - new Date(changelog?.baseWantedAt ?? 0).getTime())).toBeLessThan(600_000);
    expect(await db.changelogState.findFirstOrThrow()).toMatchObject({ isErasure: false });
  });
});

test('a page ends where the answer is full, and says that there is more', async () => {
  const start = (await readAllChanges(ada)).changes.at(-1)?.commit ?? 0;
  const instructions = 'word '.repeat(80_000);
  await db.agent.createMany({
    data: Array.from({ length: 40 }, (_, index) => ({
      handle: `long-${index}`,
      name: 'Long',
      provider: 'ECHO' as const,
      instructions,
    })),
  });
  await numberChanges();
  const forward = await readAllChanges(ada, { tables: ['agent'] }, { after: start });
  expect(forward.changes).toHaveLength(40);
  expect(forward.pages).toBeGreaterThan(1);
  const backward = await readAllChanges(ada, { tables: ['agent'] }, { isBackward: true });
  expect(backward.changes.slice(-40)).toEqual(forward.changes);
});

describe('of a long log', () => {
  const COMMITS = 60_000;

  beforeAll(async () => {
    await forgetChanges();
    await captureChanges(false);
    // A transaction of each second, three entries each; of one in 50,000 the second table is another one.
    await db.$executeRaw`
      INSERT INTO change_entry (seq, xid, began, actor, relation, operation, after)
      SELECT (n - 1) * 3 + k, n, now() - (${COMMITS}::int - n) * interval '1 second', 'USER ' || md5((n % 100)::text)::uuid,
        CASE WHEN n = 7 AND k = 2 THEN 'agent' ELSE 'reaction' END, 'INSERT', jsonb_build_object('id', n, 'emoji', 'x')
      FROM generate_series(1, ${COMMITS}::int) n, generate_series(1, 3) k`;
    await db.$executeRaw`
      INSERT INTO change_commit (number, xid, began, first_seq, last_seq, actor, request_id, relations, chat_ids)
      SELECT n, n, now() - (${COMMITS}::int - n) * interval '1 second', (n - 1) * 3 + 1, n * 3, 'USER ' || md5((n % 100)::text)::uuid,
        'request ' || n, CASE WHEN n = 7 THEN '{reaction,agent}' ELSE '{reaction}' END::text[],
        ARRAY[md5((n % 1000)::text)::uuid]
      FROM generate_series(1, ${COMMITS}::int) n`;
  }, 120_000);

  test('a filter that is met rarely gives pages that go on, and finds it', async () => {
    const { changes } = await ada.ask(Changes, { last: 50, filter: { tables: ['agent'] } });
    expect(changes).toMatchObject({ nodes: [], pageInfo: { hasPreviousPage: true } });
    const all = await readAllChanges(ada, { tables: ['agent'] }, { isBackward: true, size: 50 });
    expect(all.changes).toMatchObject([{ commit: 7, table: 'agent' }]);
    expect(all.pages).toBe(2);
    expect((await readAllChanges(ada, { tables: ['agent'] }, { size: 50 })).changes).toHaveLength(1);
    const none = await ada.ask(Changes, { last: 100, filter: { operations: ['DELETE'] } });
    expect(none.changes).toMatchObject({ nodes: [], pageInfo: { hasPreviousPage: true } });
  });

  test('a request, a chat, a person and a time are found on the first page, wherever they are', async () => {
    const first = async (filter: ChangeFilter) => (await ada.ask(Changes, { last: 3, filter })).changes?.nodes;
    expect(await first({ requestId: 'request 5' })).toMatchObject([{ commit: 5 }, { commit: 5 }, { commit: 5 }]);
    const [row] = await db.$queryRaw<{ uuid: string }[]>`SELECT md5('11')::uuid::text AS uuid`;
    const uuid = row?.uuid;
    expect(await first({ chatId: `Chat_${uuid}` })).toMatchObject([{ commit: 59_011 }, {}, {}]);
    expect(await first({ actorId: `Person_${uuid}` })).toMatchObject([{ commit: 59_911 }, {}, {}]);
    const { began } = await db.changeCommit.findUniqueOrThrow({ where: { number: 1_000 } });
    expect(await first({ until: began.toISOString() })).toMatchObject([{ commit: 999 }, {}, {}]);
    expect(
      await first({ since: began.toISOString(), until: new Date(began.getTime() + 1_500).toISOString() }),
    ).toMatchObject([{}, {}, { commit: 1_001 }]);
    const byChat = await readAllChanges(ada, { chatId: `Chat_${uuid}` });
    expect(byChat.changes).toHaveLength((COMMITS / 1_000) * 3);
  });

  test('entries of a transaction that lie far apart are found, and others’ between them are not', async () => {
    await db.$executeRaw`DELETE FROM change_commit WHERE number = ${COMMITS}::int`;
    await db.$executeRaw`DELETE FROM change_entry WHERE seq = 1`;
    await db.$executeRaw`UPDATE change_entry SET seq = 1, relation = 'handle' WHERE seq = ${COMMITS * 3 - 1}::int`;
    await db.$executeRaw`
      INSERT INTO change_commit (number, xid, began, first_seq, last_seq, actor, relations, chat_ids)
      VALUES (${COMMITS}::int, ${COMMITS}::int, now(), 1, ${COMMITS * 3}::int, 'SERVER test', '{reaction,handle}', '{}')`;
    const { changes } = await readAllChanges(ada, { tables: ['handle'] }, { isBackward: true });
    expect(changes).toMatchObject([{ commit: COMMITS, seq: 1, actor: { kind: 'SERVER', subject: 'test' } }]);
  });
});
