/** Which of three nodes writes the change log, while they are killed and paused. */
import { expect, test } from 'vitest';

import { person } from '../api/testing/person.ts';
import { testCluster, useCluster } from '../api/testing/use-cluster.ts';
import { changelogAgrees } from './changelog-agrees.ts';

// The lease is over after four beats.
useCluster({ nodes: 3, settings: { NODE_BEAT_MS: '250' } });

const holderOf = async (): Promise<number> => {
  const [state] = await testCluster().query<{ epoch: number }>(
    'SELECT epoch FROM changelog_state WHERE holder_id IS NOT NULL AND lease_until > clock_timestamp()',
  );
  return state?.epoch ?? 0;
};

test('one node writes at a time, whoever dies or is held still, and the files of all lead to the rows', async () => {
  const cluster = testCluster();
  const ann = await person('ann');
  const over = new AbortController();
  const writing = (async () => {
    for (let count = 0; !over.signal.aborted; count += 1) await ann.createsChat(`chat ${count}`).catch(() => undefined);
  })();
  const epochs: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    const place = round % 3;
    const before = await holderOf();
    if (round % 2 === 0) {
      await cluster.killNode(place);
      await cluster.startNode(place);
    } else {
      cluster.node(place).pause();
      // Long enough for the others to take what it has.
      await expect
        .poll(
          async () =>
            (
              await cluster.query(
                `SELECT FROM changelog_state WHERE lease_until > clock_timestamp() + interval '500 ms'`,
              )
            ).length,
        )
        .toBe(1);
      cluster.node(place).resume();
    }
    await expect.poll(holderOf).toBeGreaterThan(0);
    epochs.push(await holderOf());
    expect(epochs.at(-1)).toBeGreaterThanOrEqual(before);
  }
  over.abort();
  await writing;
  expect(await changelogAgrees(cluster)).toBeGreaterThan(2);
}, 240_000);
