/** Which of three nodes writes the change log, while they are killed and paused, each with a directory of its own. */
import { existsSync, readdirSync } from 'node:fs';

import { expect, test } from 'vitest';

import { person } from '../api/testing/person.ts';
import { testCluster, useCluster } from '../api/testing/use-cluster.ts';
import { changelogAgrees } from './changelog-agrees.ts';

// The lease is over after four beats.
useCluster({ nodes: 3, settings: { NODE_BEAT_MS: '250' }, hasOwnChangelogs: true });

const epochOf = async (): Promise<number> => {
  const [state] = await testCluster().query<{ epoch: number }>(
    'SELECT epoch FROM changelog_state WHERE holder_id IS NOT NULL AND lease_until > clock_timestamp()',
  );
  return state?.epoch ?? 0;
};

/** Where the node is that has begun a file since it took the lease. */
async function holder(): Promise<{ place: number; epoch: number }> {
  let found = { place: -1, epoch: 0 };
  await expect
    .poll(async () => {
      const epoch = await epochOf();
      found = { epoch, place: testCluster().changelogs.findIndex((directory) => filesOf(directory, epoch).length > 0) };
      return found.place;
    })
    .toBeGreaterThanOrEqual(0);
  return found;
}

function filesOf(directory: string, epoch: number): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).filter((name) => name.endsWith(`-${String(epoch).padStart(6, '0')}.sql`));
}

const leaseIsFresh = async () =>
  (await testCluster().query(`SELECT FROM changelog_state WHERE lease_until > clock_timestamp() + interval '500 ms'`))
    .length === 1;

test('one node holds the lease while nodes are killed and paused, and the files of all directories replay to the rows', async () => {
  const cluster = testCluster();
  const ann = await person('ann');
  // Who may have a hundred chats would write nothing after some seconds.
  await cluster.query('UPDATE "user" SET max_chats = 1000000');
  const over = new AbortController();
  const writing = (async () => {
    let count = 0;
    while (!over.signal.aborted)
      await ann.createsChat(`chat ${count}`).then(
        () => (count += 1),
        () => undefined,
      );
    return count;
  })();
  const epochs: number[] = [];
  const writers = new Set<number>();
  for (let round = 0; round < 9; round += 1) {
    const { place, epoch } = await holder();
    epochs.push(epoch);
    writers.add(place);
    // Two rounds of three the one that writes, else another one.
    const isHolder = round % 3 < 2;
    const victim = isHolder ? place : (place + 1) % 3;
    const isOver = async () => (isHolder ? (await epochOf()) > epoch : leaseIsFresh());
    if (round % 2 === 0) {
      await cluster.killNode(victim);
      await expect.poll(isOver).toBe(true);
      await cluster.startNode(victim);
    } else {
      cluster.node(victim).pause();
      // Long enough for the others to take what it has.
      await expect.poll(isOver).toBe(true);
      cluster.node(victim).resume();
    }
  }
  epochs.push((await holder()).epoch);
  over.abort();
  expect(await writing).toBeGreaterThan(100);
  expect(epochs).toEqual(epochs.toSorted((one, other) => one - other));
  // Each time that the holder was killed or paused, at the least.
  expect((epochs.at(-1) ?? 0) - (epochs[0] ?? 0)).toBeGreaterThanOrEqual(6);
  expect(writers.size).toBeGreaterThan(1);
  await changelogAgrees(cluster);
}, 240_000);
