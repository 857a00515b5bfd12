/** Everything that may happen, in any order, while people go on; and everybody coming back at once. */
import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { differencesOf } from '../api/testing/chaos.ts';
import { testCluster, useCluster } from '../api/testing/use-cluster.ts';
import { person } from '../api/testing/person.ts';
import { chanceFrom } from '../api/testing/chance.ts';
import { changelogAgrees } from './changelog-agrees.ts';
import { faults, oneOf } from './faults.ts';
import { Regular } from './regular.ts';
import { Scene } from './scene.ts';
import { storedIn } from './stored.ts';
import type { ChatWatch } from './witness.ts';

// Deaths are noticed after four beats.
useCluster({ nodes: 3, settings: { NODE_BEAT_MS: '1000' } });

const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 40);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

/** By the talker, every 50 ms some 15 code units: what is lost at the worst where the node dies that gave the words. */
const SAID_IN_A_SECOND = 400;

test('200 clients come back at once after a restart, and all have received everything within 30 s', async () => {
  const cluster = testCluster();
  const ann = await person('ann');
  using scene = await Scene.begin({ runs: 10, readers: 10, everyMs: 250, asker: () => ann, reader: () => ann });
  expect(scene.runs.length + scene.chats.length).toBe(200);

  await Promise.all([0, 1, 2].map((place) => cluster.killNode(place)));
  await Promise.all([0, 1, 2].map((place) => cluster.startNode(place)));
  await scene.everybodyKnowsTheEnd(30_000);
  const { stored } = await scene.isWhole(SAID_IN_A_SECOND);
  expect(stored.runs.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 'INTERRUPTED'));
});

test('whatever happens, nothing acknowledged is lost, doubled or seen differently', { timeout: 240_000 }, async () => {
  console.log(`CHAOS_SEED=${SEED} CHAOS_SECONDS=${SECONDS}`);
  const cluster = testCluster();
  const chance = chanceFrom(SEED);
  using scene = new Scene();
  cluster.model.otherwise(scene.talker.answer);
  scene.talker.talkEvery(50, 400);
  const regulars = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const who = await person(`regular-${index}`);
      return new Regular(who, (await who.createsChat()).id, scene, chanceFrom(SEED + index + 1));
    }),
  );

  const began = performance.now();
  const hasEnded = () => performance.now() - began > SECONDS * 1_000;
  const living = Promise.all(regulars.map((regular) => regular.live(hasEnded)));
  // Its failure is reported below, after the faults have ended.
  living.catch(() => undefined);
  const names = Object.keys(faults) as [string, ...string[]];
  while (!hasEnded()) {
    await delay(chance() * 2_000);
    const name = oneOf(names, chance);
    console.log(`${((performance.now() - began) / 1_000).toFixed(1)} s: ${name}`);
    await faults[name]?.(cluster, chance);
  }
  await living;

  await Promise.all(scene.laterRuns.map((watch) => watch.ended(60_000)));
  const activeStatuses = `SELECT 1 FROM run WHERE status IN ('QUEUED', 'RUNNING')`;
  await expect.poll(() => cluster.query(activeStatuses), { timeout: 40_000 }).toEqual([]);
  // What a lost hint would have announced, the next Tick sends; isWhole reports what nothing sent.
  const { chats } = await storedIn(cluster);
  const isPresent = (watch: ChatWatch) => differencesOf(watch.picture, chats).length === 0;
  await Promise.allSettled(
    scene.chats.map((watch) => watch.until(() => isPresent(watch), 'the present state', 40_000)),
  );
  const { sent } = await scene.isWhole(SAID_IN_A_SECOND);
  console.log(`${sent.length} messages were acknowledged, ${scene.chronicle.readings.length} connections read answers`);
  expect(sent.length).toBeGreaterThan(regulars.length);
  console.log(`The lease of the change log was taken ${await changelogAgrees(cluster)} times`);
});
