import { z } from 'zod';

import type { Connections } from '../redis/connections.ts';
import { parseObject } from '../bus/redis-hints.ts';
import type { NodePresence, PresenceWire } from './presence-wire.ts';

/** A node that says nothing for so long is dead, and its people are offline. */
const LIFE_MS = 15_000;

/**
 * One hash for each node, which expires: `version`, `people`. In one call a node says what has changed on it, keeps its hash alive, and gets
 * what has changed on the others. Returns whether its hash is there, and of each other node its name, its version and, where that is
 * not known, its people.
 * KEYS: the set of nodes. ARGV: prefix of the hashes, this node, its life in ms, version, people (empty: as before), and of each other node
 * that is known its name and version.
 */
const EXCHANGE = `
  local own = ARGV[1] .. ARGV[2]
  if ARGV[5] ~= '' then
    redis.call('HSET', own, 'version', ARGV[4], 'people', ARGV[5])
    redis.call('SADD', KEYS[1], ARGV[2])
  end
  redis.call('PEXPIRE', own, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], 10 * ARGV[3])
  local known = {}
  for index = 6, #ARGV, 2 do known[ARGV[index]] = ARGV[index + 1] end
  local told = {}
  for _, node in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    if node ~= ARGV[2] then
      local version = redis.call('HGET', ARGV[1] .. node, 'version')
      if not version then
        redis.call('SREM', KEYS[1], node)
      elseif version == known[node] then
        table.insert(told, { node, version })
      else
        table.insert(told, { node, version, redis.call('HGET', ARGV[1] .. node, 'people') })
      end
    end
  end
  return { redis.call('EXISTS', own), told }`;

const people = z.array(z.string().max(100)).max(100_000);
const PeopleMessage = z.object({ online: people, away: people });

export class RedisPresenceWire implements PresenceWire {
  readonly #connections: Connections;
  readonly #node: string;
  readonly #lifeMs: number;
  readonly #known = new Map<string, { version: string; presence: NodePresence }>();
  #said = '';
  #version = 0;

  constructor(connections: Connections, node: string, lifeMs = LIFE_MS) {
    this.#connections = connections;
    this.#node = node;
    this.#lifeMs = lifeMs;
  }

  async exchange(own: NodePresence): Promise<NodePresence[]> {
    const { commands, prefix } = this.#connections;
    const says = JSON.stringify(own);
    if (says !== this.#said) this.#version += 1;
    const known = [...this.#known].flatMap(([node, { version }]) => [node, version]);
    const [isThere, told] = (await commands.eval(
      EXCHANGE,
      1,
      `${prefix}presence`,
      `${prefix}presence:`,
      this.#node,
      this.#lifeMs,
      // A node that restarts under the same name counts from the beginning.
      `${process.pid}.${this.#version}`,
      says === this.#said ? '' : says,
      ...known,
    )) as [isThere: number, told: [node: string, version: string, people?: string][]];
    // It expired, or Redis lost it: then the next round says it again.
    this.#said = isThere ? says : '';
    return this.#learn(told);
  }

  #learn(told: readonly [node: string, version: string, people?: string][]): NodePresence[] {
    const living = new Set(told.map(([node]) => node));
    for (const node of this.#known.keys()) if (!living.has(node)) this.#known.delete(node);
    for (const [node, version, json] of told) {
      if (json === undefined) continue;
      const { data } = PeopleMessage.safeParse(parseObject(json));
      if (data) this.#known.set(node, { version, presence: data });
    }
    return [...this.#known.values()].map(({ presence }) => presence);
  }
}
