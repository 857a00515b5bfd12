/** Connects this node with the others: over Redis where REDIS_URL is set, else not at all. */
import { type Bus, bus } from './bus/bus.ts';
import { noHintWire } from './bus/hint-wire.ts';
import { RedisHintWire } from './bus/redis-hints.ts';
import { connectRedis, isConnected, watchConnections } from './redis/connections.ts';
import { makeAttemptLimiter, type MakeAttemptLimiter } from './redis/rate-limiter.ts';
import { RedisTextWire } from './texts/redis-texts.ts';
import { noTextWire } from './texts/text-wire.ts';
import { noPresenceWire } from './presence/presence-wire.ts';
import { type Presences, presences } from './presence/presence.ts';
import { RedisPresenceWire } from './presence/redis-presence.ts';
import { type RunTexts, runTexts, type StoredTexts } from './texts/texts.ts';

export interface Cluster {
  /** As far as is known without asking. Null: there is no Redis. */
  isUp: () => boolean | null;
  /** Tries that count on all nodes together, as far as they can talk. */
  attemptLimiter: MakeAttemptLimiter;
  /** What was said before still goes out, for a second at most. */
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** Left out: one node alone. */
  redisUrl?: string | undefined;
  /** As in the rows of the runs that this node performs. */
  nodeId: string;
  storedTexts: StoredTexts;
  /** Tests have several nodes in one process. */
  bus?: Bus;
  texts?: RunTexts;
  people?: Presences;
}

/** Throws a `SettingError` where Redis cannot be reached. From the moment it resolves, this node receives the hints of the others. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  return options.redisUrl ? openOverRedis(options.redisUrl, options) : openInMemory(options);
}

function openInMemory({ texts = runTexts, people = presences, storedTexts }: ClusterOptions): Cluster {
  watchConnections(null);
  const stops = [texts.use(noTextWire, storedTexts), people.use(noPresenceWire)];
  return {
    isUp: () => null,
    attemptLimiter: (limit) => makeAttemptLimiter(limit, null),
    async close() {
      for (const stop of stops) stop();
    },
  };
}

async function openOverRedis(url: string, options: ClusterOptions): Promise<Cluster> {
  const { nodeId, storedTexts, bus: hints = bus, texts = runTexts, people = presences } = options;
  const connections = await connectRedis(url);
  watchConnections(connections);
  const hintWire = new RedisHintWire(connections, nodeId, hints);
  const textWire = new RedisTextWire(connections, nodeId, texts);
  hints.use(hintWire);
  const stops = [texts.use(textWire, storedTexts), people.use(new RedisPresenceWire(connections, nodeId))];
  await hints.ready();

  return {
    isUp: () => isConnected(connections),
    attemptLimiter: (limit) => makeAttemptLimiter(limit, connections),
    async close() {
      for (const stop of stops) stop();
      hints.use(noHintWire);
      await Promise.all([hintWire[Symbol.asyncDispose](), textWire[Symbol.asyncDispose]()]);
      connections.close();
    },
  };
}
