/** Redis goes and comes back, or hangs, in the middle of twenty runs: it carries what may be lost, so nothing is. */
import { beforeAll, expect, test } from 'vitest';

import { testCluster, useCluster } from '../api/testing/use-cluster.ts';
import { type Person, person } from '../api/testing/person.ts';
import { Scene } from './scene.ts';

useCluster({ nodes: 3, settings: { MAX_CHATS: '10000' } });

const RUNS = 20;
/** After Redis is there again. */
const WHOLE_WITHIN_MS = 5_000;

let ann: Person;

beforeAll(async () => {
  ann = await person('ann');
});

/** Each is read through other nodes than the one that was asked, past nginx. */
function twentyRuns(): Promise<Scene> {
  const at = (index: number) => ann.at(testCluster().node(index % 3).url);
  return Scene.begin({ runs: RUNS, asker: at, reader: (index) => at(index + 1) });
}

test('Redis is restarted and all that it held is lost: no text is, and everybody is whole within 5 s', async () => {
  using scene = await twentyRuns();
  const { redis } = testCluster();
  await redis.stop();
  scene.talker.tell('While it is away. ');
  // What is asked of a node needs no Redis.
  const { run } = await scene.sends(ann, 'Without Redis');
  scene.reads(ann, run.id);
  await scene.talker.untilTalking(RUNS + 1);
  await redis.start();
  await scene.allReceive('It is back.', WHOLE_WITHIN_MS);
  await scene.end();
  const { stored } = await scene.isWhole();
  expect(stored.runs.filter(({ status }) => status === 'COMPLETED')).toHaveLength(RUNS + 1);
});

test('Redis hangs for 5 s: no text is lost, and everybody is whole within 5 s after it goes on', async () => {
  using scene = await twentyRuns();
  const { redis } = testCluster();
  redis.pause();
  const paused = performance.now();
  // What is asked of a node needs no Redis.
  for (let hung = 0; hung < 5_000; hung = performance.now() - paused) await ann.createsChat();
  redis.resume();
  await scene.allReceive('It goes on.', WHOLE_WITHIN_MS);
  await scene.end();
  const { stored } = await scene.isWhole();
  expect(stored.runs.every(({ status }) => status === 'COMPLETED')).toBe(true);
});
