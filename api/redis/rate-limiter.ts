/** Counts attempts of any kind: on all nodes together where there is Redis, and on this one alone while it is away. */
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';

import type { Connections } from './connections.ts';

export interface AttemptLimit {
  /** Of what, in a word. */
  name: string;
  points: number;
  seconds: number;
}

export type AttemptLimiter = Pick<RateLimiterAbstract, 'consume' | 'reward' | 'delete'>;

export type MakeAttemptLimiter = (limit: AttemptLimit) => AttemptLimiter;

export function makeAttemptLimiter(
  { name, points, seconds: duration }: AttemptLimit,
  redis: Connections | null,
): AttemptLimiter {
  const here = new RateLimiterMemory({ points, duration });
  if (!redis) return here;
  return new RateLimiterRedis({
    points,
    duration,
    storeClient: redis.commands,
    keyPrefix: `${redis.prefix}tries:${name}`,
    insuranceLimiter: here,
  });
}
