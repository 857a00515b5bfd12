import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import { networkOf } from '../../auth/accounts.ts';
import { env } from '../../env.ts';
import { tooManyRequests } from './too-many.ts';

/** Throws 429 with the time to wait where a network has asked too often, in a minute on this node, as nobody. */
export type CountSignedOut = (request: Request) => Promise<void>;

export function signedOutCounter(): CountSignedOut {
  const perNetwork = new RateLimiterMemory({ points: env.SIGNED_OUT_REQUESTS, duration: 60 });
  return async ({ headers }) => {
    try {
      await perNetwork.consume(networkOf(headers));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw tooManyRequests('Too many requests without a session.', refusal.msBeforeNext);
    }
  };
}
