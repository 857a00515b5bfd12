/** The two connections of a node to Redis: one asks and writes, the other listens. Both come back by themselves, whatever happens. */
import { Redis } from 'ioredis';

import { SettingError } from '../env.ts';
import { log } from '../log.ts';
import { Channels } from './channels.ts';

/** The longest pause between attempts to reconnect. */
const LONGEST_PAUSE_MS = 500;
/** Longest silence of a connection with a command under way. */
const SILENCE_MS = 4_000;
const PING_MS = 2_000;

/** Either of the two connections, for those who send commands. */
export type RedisClient = Redis;

export interface Connections {
  readonly commands: Redis;
  readonly channels: Channels;
  /** Before the names of all keys and channels. Channels are the same in all of a server's databases, so it separates those. */
  readonly prefix: string;
  close(): void;
}

/** Throws a `SettingError` where Redis cannot be reached; later it may be unavailable without errors for clients. */
export async function connectRedis(url: string): Promise<Connections> {
  const commands = makeClient(url);
  const subscriptions = makeClient(url);
  try {
    await Promise.all([connect(commands), connect(subscriptions)]);
  } catch (cause) {
    for (const client of [commands, subscriptions]) client.disconnect();
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new SettingError(
      `The Redis server at ${new URL(url).host} does not let us in (${why}). Start it, or correct REDIS_URL.`,
      { cause },
    );
  }

  // A subscribed connection may receive nothing for hours: only a command shows that the other end is gone.
  const pinging = setInterval(() => {
    for (const client of [commands, subscriptions]) if (client.status === 'ready') client.ping().catch(() => undefined);
  }, PING_MS).unref();
  return {
    commands,
    channels: new Channels(subscriptions),
    prefix: `confab:${commands.options.db ?? 0}:`,
    close() {
      clearInterval(pinging);
      for (const client of [commands, subscriptions]) client.disconnect();
    },
  };
}

/** As far as is known without asking. */
export function isConnected({ commands, channels }: Connections): boolean {
  return commands.status === 'ready' && channels.isListening;
}

/** Longer than a Redis that works ever takes. */
const CHECK_MS = 2_000;

let watched: Connections | null = null;

/** `checkRedis` asks these from now on; null: there is no Redis. */
export function watchConnections(connections: Connections | null): void {
  watched = connections;
}

/** For /ready. Resolves when Redis answers, or when there is none; else rejects. */
export async function checkRedis(): Promise<void> {
  if (!watched) return;
  if (!watched.channels.isListening) throw new Error('Not connected.');
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('No answer.')), CHECK_MS);
  await Promise.race([watched.commands.ping(), late.promise]).finally(() => clearTimeout(timer));
}

function makeClient(url: string): Redis {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    retryStrategy: (attempts) => Math.min(20 * 2 ** attempts, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2),
    // What cannot be said now fails at once, rather than wait in a queue that grows for as long as Redis is away.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // The library would do it by a promise without a handler: its rejection would end the process.
    autoResubscribe: false,
  });
  // Each text that is carried waits for it to come back.
  client.setMaxListeners(0);
  let isAway = false;
  // Without a listener to errors, the library prints each.
  client.on('error', (error: unknown) => {
    if (!isAway) log.warn({ error }, 'Redis is unavailable');
    isAway = true;
  });
  client.on('ready', () => {
    if (isAway) log.info('Redis is available again');
    isAway = false;
  });
  return client;
}

/** The library's own rejection says no more than that the connection was closed. */
async function connect(client: Redis): Promise<void> {
  let why: unknown;
  const note = (error: unknown) => {
    why ??= error;
  };
  client.on('error', note);
  try {
    await client.connect();
  } catch (error) {
    throw why ?? error;
  } finally {
    client.off('error', note);
  }
}

/** Resolves when the client can be asked, which may be at once; or when the signal aborts. Never rejects. */
export function whenReady(client: Redis, signal: AbortSignal): Promise<void> {
  if (client.status === 'ready' || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      client.off('ready', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    client.on('ready', done);
    signal.addEventListener('abort', done);
  });
}
