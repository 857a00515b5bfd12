/** What may happen to an installation at any time. Each is over when it resolves: all that was there is there again. */
import { setTimeout as delay } from 'node:timers/promises';

import type { Chance } from '../api/testing/chance.ts';
import type { Cluster } from '../api/testing/cluster.ts';

export function oneOf<Item>(items: readonly [Item, ...Item[]], chance: Chance): Item {
  return items[Math.floor(chance() * items.length)] ?? items[0];
}

export type Fault = (cluster: Cluster, chance: Chance) => Promise<void>;

export const faults: Record<string, Fault> = {
  async 'a node is killed'(cluster, chance) {
    const place = placeOf(cluster, chance);
    await cluster.killNode(place);
    await cluster.startNode(place);
  },

  async 'a node is held still'(cluster, chance) {
    const node = cluster.node(placeOf(cluster, chance));
    node.pause();
    await delay(1_000 + chance() * 6_000);
    node.resume();
  },

  async 'a node is replaced'(cluster, chance) {
    const place = placeOf(cluster, chance);
    await cluster.killNode(place, 'SIGTERM');
    await cluster.startNode(place);
  },

  async 'Redis is restarted'({ redis }) {
    await redis.restart();
  },

  async 'Redis hangs'({ redis }, chance) {
    redis.pause();
    await delay(500 + chance() * 4_000);
    redis.resume();
  },

  async 'PostgreSQL is restarted'({ postgres }) {
    await postgres.stop();
    await postgres.start();
  },

  async 'PostgreSQL hangs'({ postgres }, chance) {
    await postgres.pause();
    await delay(500 + chance() * 2_000);
    await postgres.resume();
  },
};

function placeOf({ nodes }: Cluster, chance: Chance): number {
  return Math.floor(chance() * nodes.length);
}
