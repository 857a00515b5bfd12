/** PostgreSQL goes and comes back in the middle of many runs: nodes say that they cannot serve, live on, and lose nothing. */
import { setTimeout as delay } from 'node:timers/promises';

import { beforeAll, expect, test } from 'vitest';

import { testCluster, useCluster } from '../api/testing/use-cluster.ts';
import { type Person, person } from '../api/testing/person.ts';
import { Scene } from './scene.ts';

useCluster({ nodes: 2 });

const RECOVERED_WITHIN_MS = 10_000;

let ann: Person;

beforeAll(async () => {
  ann = await person('ann');
});

function at(index: number): Person {
  return ann.at(testCluster().node(index % 2).url);
}

function readiness(): Promise<number[]> {
  return Promise.all(testCluster().nodes.map(async ({ url }) => (await fetch(`${url}/ready`)).status));
}

/** A person sends all the time; what fails is not acknowledged. */
class Sending implements Disposable {
  acknowledged = 0;
  refused = 0;
  #hasEnded = false;
  readonly #done: Promise<void>;

  constructor(scene: Scene) {
    this.#done = this.#go(scene);
  }

  async #go(scene: Scene): Promise<void> {
    for (let index = 0; !this.#hasEnded; index += 1) {
      const sent = await scene.sends(at(index), 'All the time').catch(() => null);
      if (sent) {
        this.acknowledged += 1;
        scene.reads(at(index + 1), sent.run.id);
      } else {
        this.refused += 1;
        await delay(100);
      }
    }
  }

  /** Resolves when what was sent last has been answered. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#done;
  }

  [Symbol.dispose](): void {
    this.#hasEnded = true;
  }
}

test('PostgreSQL is restarted: nodes are not ready meanwhile, are within 10 s, and nothing acknowledged is lost', async () => {
  const { postgres, nodes } = testCluster();
  using scene = await Scene.begin({ runs: 10, asker: at, reader: (index) => at(index + 1) });
  using sending = new Sending(scene);
  await expect.poll(() => sending.acknowledged, { timeout: 10_000 }).toBeGreaterThan(3);

  await postgres.stop();
  await expect.poll(readiness, { timeout: 10_000 }).toEqual([503, 503]);
  expect(await Promise.all(nodes.map(async ({ url }) => (await fetch(`${url}/health`)).status))).toEqual([200, 200]);
  // Words need no database.
  await scene.readersReceive('While it is away. ');
  await expect.poll(() => sending.refused, { timeout: 10_000 }).toBeGreaterThan(0);

  await postgres.start();
  await expect.poll(readiness, { timeout: RECOVERED_WITHIN_MS }).toEqual([200, 200]);
  await scene.allReceive('It is back. ', 2 * RECOVERED_WITHIN_MS);
  const { acknowledged } = sending;
  await expect.poll(() => sending.acknowledged, { timeout: RECOVERED_WITHIN_MS }).toBeGreaterThan(acknowledged + 3);
  await sending.end();
  // Runs that wait for a sweep begin before the model is done.
  await scene.talker.untilTalking(scene.chronicle.sent.length);
  await scene.end();
  const { stored } = await scene.isWhole();
  expect(stored.runs.every(({ status }) => status === 'COMPLETED')).toBe(true);
});
