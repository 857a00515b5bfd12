/** Whether this node has others beside it, and what connects it with them: Redis where REDIS_URL is set, else nothing. */
import type { Bus } from '../bus/bus.ts';
import { bus } from '../bus/bus.ts';
import type { RunTexts, StoredTexts } from '../texts/texts.ts';
import { runTexts } from '../texts/texts.ts';
import { noHintWire, noTextWire } from '../texts/no-text-wire.ts';
import { type Connections, connectRedis } from '../redis/connections.ts';
import { RedisHintWire } from '../bus/redis-hints.ts';
import { RedisTextWire } from '../texts/redis-texts.ts';
import { countTries, type Tries, type TryLimit } from '../redis/rate-limiter.ts';

export interface Cluster {
  /** Resolves when what carries hints and texts answers; rejects where it does not. */
  check(): Promise<void>;
  /** As far as is known without asking. Null: there is no Redis. */
  isUp(): boolean | null;
  /** Tries that count on all nodes together, as far as they can talk. */
  countTries(limit: TryLimit): Tries;
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
}

let current: Cluster | undefined;

/** For /ready. */
export async function checkCluster(): Promise<void> {
  await current?.check();
}

/** Throws a `SettingError` where Redis cannot be reached. From the moment it resolves, this node hears the others. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const cluster = options.redisUrl ? await openOverRedis(options.redisUrl, options) : openInMemory(options);
  current = cluster;
  return cluster;
}

function openInMemory({ texts = runTexts, storedTexts }: ClusterOptions): Cluster {
  const stop = texts.use(noTextWire, storedTexts);
  return {
    check: () => Promise.resolve(),
    isUp: () => null,
    countTries: (limit) => countTries(limit, null),
    async close() {
      stop();
    },
  };
}

async function openOverRedis(url: string, options: ClusterOptions): Promise<Cluster> {
  const { nodeId, storedTexts, bus: hints = bus, texts = runTexts } = options;
  const connections = await connectRedis(url);
  const hintWire = new RedisHintWire(connections, nodeId, hints);
  const textWire = new RedisTextWire(connections, nodeId, texts);
  hints.use(hintWire);
  const stop = texts.use(textWire, storedTexts);
  await hints.ready();

  return {
    check: () => ping(connections),
    isUp: () => connections.commands.status === 'ready' && connections.channels.isListening,
    countTries: (limit) => countTries(limit, connections),
    async close() {
      stop();
      hints.use(noHintWire);
      await Promise.all([hintWire[Symbol.asyncDispose](), textWire[Symbol.asyncDispose]()]);
      connections.close();
    },
  };
}

const PATIENCE_MS = 2_000;

async function ping({ commands, channels }: Connections): Promise<void> {
  if (!channels.isListening) throw new Error('Not connected.');
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('No answer.')), PATIENCE_MS);
  await Promise.race([commands.ping(), silence]).finally(() => clearTimeout(timer));
}
