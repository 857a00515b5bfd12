/** Counts tries of whatever kind: on all nodes together where there is Redis, and on this one alone while it is away. */
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';

import type { Connections } from './connections.ts';

export interface TryLimit {
  /** Of what, in a word. */
  name: string;
  points: number;
  seconds: number;
}

export type Tries = Pick<RateLimiterAbstract, 'consume' | 'reward' | 'delete'>;

export type CountTries = (limit: TryLimit) => Tries;

export function countTries({ name, points, seconds: duration }: TryLimit, redis: Connections | null): Tries {
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
