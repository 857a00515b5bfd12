import { beforeAll, expect, test } from 'vitest';

import { checkStreams } from '../auth/stream-guard.ts';
import { bus } from '../bus/bus.ts';
import { captureChanges } from '../changelog/capture.ts';
import { db } from '../database/db.ts';
import type { FollowChangesSubscription } from '../generated/graphql/graphql.ts';
import { FollowChanges, readAllChanges } from '../testing/changes.ts';
import { useConfab } from '../testing/confab.ts';
import { numberChanges } from '../testing/number-changes.ts';
import { type Person, person } from '../testing/person.ts';
import { does } from '../testing/plain-requests.ts';
import { followerCount } from './follow.ts';

useConfab({ hasKey: false });

type Batch = FollowChangesSubscription['changes'];

let ada: Person;

beforeAll(async () => {
  ada = await person('ada');
  await captureChanges(true);
  await ada.asks('hello');
  await numberChanges();
});

/** A stream that is read from now on, as fast as it comes. */
function follow(who: Person, after: number | null) {
  const batches: Batch[] = [];
  const stream = who.subscribes(FollowChanges, { after });
  const ended = (async () => {
    for await (const { changes } of stream) batches.push(changes);
  })();
  // A caller that does not wait for the end need not receive it.
  ended.catch(() => {});
  return {
    batches,
    ended,
    changes: () => batches.flatMap(({ changes }) => changes),
    position: () => batches.at(-1)?.commit ?? -1,
  };
}

/** Reads on until that transaction has come, and stops there. */
async function readUpTo(who: Person, after: number, commit: number): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const { changes } of who.subscribes(FollowChanges, { after })) {
    batches.push(changes);
    if (changes.commit >= commit) break;
  }
  return batches;
}

async function writeSomething(times = 1): Promise<void> {
  for (let count = 0; count < times; count += 1)
    await does(ada, 'updatePreferences', { theme: count % 2 === 0 ? 'DARK' : 'LIGHT' });
}

test('from the beginning on, everything that the list gives is sent once and in order, and then what is new', async () => {
  const seen = follow(ada, 0);
  const { changes } = await readAllChanges(ada);
  await expect.poll(seen.position).toBe(changes.at(-1)?.commit);
  expect(seen.changes()).toEqual(changes);

  await writeSomething(3);
  await numberChanges();
  const more = (await readAllChanges(ada)).changes;
  expect(more.length).toBeGreaterThan(changes.length);
  await expect.poll(seen.position).toBe(more.at(-1)?.commit);
  expect(seen.changes()).toEqual(more);
});

test('a stream opened without a place sends its place at once, and then only what is new', async () => {
  const seen = follow(ada, null);
  await expect.poll(() => seen.batches).toEqual([{ commit: expect.any(Number) as number, changes: [] }]);
  const start = seen.position();
  await writeSomething(1);
  await numberChanges();
  await expect.poll(() => seen.changes().length).toBeGreaterThan(0);
  for (const { commit } of seen.changes()) expect(commit).toBeGreaterThan(start);
});

test('it is broken off anywhere and goes on without a gap or a repetition', async () => {
  await writeSomething(6);
  await numberChanges();
  const { changes } = await readAllChanges(ada);
  const last = changes.at(-1)?.commit ?? 0;
  const told: number[][] = [];
  for (let after = 0; after < last;) {
    const batches = await readUpTo(ada, after, after + 1);
    told.push(...batches.flatMap((batch) => batch.changes.map(({ commit, seq }) => [commit, seq])));
    after = batches.at(-1)?.commit ?? last;
  }
  expect(told).toEqual(changes.map(({ commit, seq }) => [commit, seq]));
});

test('a hint that is lost is made good within seconds', async () => {
  const seen = follow(ada, null);
  await expect.poll(() => seen.batches.length).toBe(1);
  const publish = bus.publish.bind(bus);
  bus.publish = (name, ...rest) => {
    if (name !== 'changesNumbered') publish(name, ...rest);
  };
  try {
    await writeSomething(1);
    await numberChanges();
  } finally {
    bus.publish = publish;
  }
  await expect.poll(() => seen.changes().length).toBeGreaterThan(0);
});

test('a transaction of many rows comes in several events, of which the last one alone says that it is complete', async () => {
  await numberChanges();
  const { changes: before } = await readAllChanges(ada);
  const start = before.at(-1)?.commit ?? 0;
  const { id: contextFileId } = await db.contextFile.findFirstOrThrow();
  await db.contextVersion.createMany({
    data: Array.from({ length: 1_000 }, (_, index) => ({ contextFileId, version: 10 + index, content: 'words' })),
  });
  await writeSomething(1);
  await numberChanges();

  const batches = await readUpTo(ada, start, start + 2);
  expect(batches.length).toBeGreaterThan(4);
  const told = batches.flatMap(({ changes }) => changes);
  expect(told.filter(({ table }) => table === 'context_version')).toHaveLength(1_000);
  expect(told).toEqual((await readAllChanges(ada, {}, { after: start })).changes);
  const first = told[0]?.commit;
  const ofFirst = batches.filter(({ changes }) => changes.some(({ commit }) => commit === first));
  expect(ofFirst.slice(0, -1).map(({ commit }) => commit)).toEqual(ofFirst.slice(0, -1).map(() => start));
  for (const batch of batches) expect(batch.changes.length).toBeLessThanOrEqual(200);
});

test('what the database has no longer ends it, with the place from which it can go on', async () => {
  await numberChanges();
  const newest = (await readAllChanges(ada)).changes.at(-1)?.commit ?? 0;
  await db.$executeRaw`DELETE FROM change_commit WHERE number <= ${newest - 1}::bigint`;
  await expect(readUpTo(ada, 0, newest)).rejects.toThrow('CHANGES_GONE');
  expect((await readUpTo(ada, newest - 1, newest)).at(-1)?.commit).toBe(newest);
  await expect(readUpTo(ada, newest + 1, newest)).rejects.toThrow('BAD_POSITION');
});

test('a person who is not an administrator is refused, and a former one receives no more', async () => {
  const ben = await person('ben');
  await expect(readUpTo(ben, 0, 1)).rejects.toThrow('NOT_FOUND');

  await db.user.update({ where: { email: ben.email }, data: { role: 'ADMIN' } });
  const seen = follow(ben, null);
  await expect.poll(() => seen.batches.length).toBe(1);
  await db.user.update({ where: { email: ben.email }, data: { role: 'USER' } });
  await checkStreams();
  await expect(seen.ended).rejects.toThrow('NOT_FOUND');
});

test('the oldest of too many is closed, and of those that are closed nothing is left', async () => {
  const eve = await person('eve');
  await db.user.update({ where: { email: eve.email }, data: { role: 'ADMIN' } });
  const oldest = follow(eve, null);
  await expect.poll(() => oldest.batches.length).toBe(1);
  const others = Array.from({ length: 10 }, () => eve.subscribes(FollowChanges, { after: null }));
  for (const other of others) await other.next();
  await expect(oldest.ended).rejects.toThrow('TOO_MANY_STREAMS');
  const open = followerCount();
  for (const other of others) await other.return(undefined);
  await expect.poll(followerCount).toBe(open - 10);
});
