/**
 * Hashes passwords in threads of its own. `crypto.scrypt` would use libuv's four threads, which files, DNS and compression need too,
 * so that a burst of sign-ins would hold up everybody.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';

import { APIError } from 'better-auth/api';
import pLimit from 'p-limit';
import { Tinypool } from 'tinypool';

import { clientIsGone } from './client.ts';
import type { KeyRequest } from './password-worker.ts';

/** One core is left to the main thread. */
const THREADS = Math.max(1, availableParallelism() - 1);
/** A thread does 10 to 20 hashes a second: the last one in the queue waits for a second or two. */
const MOST_WAITING = 20;
const RETRY_AFTER_SECONDS = 5;

const queue = pLimit(THREADS);
let threads: Tinypool | undefined;

/** As `salt:key`, both in hex: better-auth's own form. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16).toString('hex');
  return `${salt}:${await deriveKey({ password, salt })}`;
}

export async function verifyPassword({ hash, password }: { hash: string; password: string }): Promise<boolean> {
  const [salt = '', key = ''] = hash.split(':');
  const [stored, derived] = [Buffer.from(key, 'hex'), Buffer.from(await deriveKey({ password, salt }), 'hex')];
  return stored.length === derived.length && timingSafeEqual(stored, derived);
}

/** Ends the threads; the next hash starts new ones. */
export async function closePasswordThreads(): Promise<void> {
  const closing = threads;
  threads = undefined;
  await closing?.destroy();
}

/** Throws 429 when too many wait already. */
async function deriveKey(request: KeyRequest): Promise<string> {
  if (queue.pendingCount >= MOST_WAITING) throw tooManyHashes();
  return queue(() => {
    if (clientIsGone()) throw new APIError('REQUEST_TIMEOUT', { message: 'The client closed the connection.' });
    return startThreads().run(request) as Promise<string>;
  });
}

function startThreads(): Tinypool {
  threads ??= new Tinypool({
    filename: new URL('./password-worker.ts', import.meta.url).href,
    runtime: 'worker_threads',
    minThreads: 1,
    maxThreads: THREADS,
    idleTimeout: 60_000,
  });
  return threads;
}

function tooManyHashes(): APIError {
  return new APIError(
    'TOO_MANY_REQUESTS',
    {
      code: 'TOO_MANY_REQUESTS',
      message: `Too many people are signing in at once. Try again in ${RETRY_AFTER_SECONDS} seconds.`,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    },
    { 'Retry-After': String(RETRY_AFTER_SECONDS) },
  );
}
