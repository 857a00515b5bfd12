/** Slows down guessing of passwords: few tries of an account from one address, more of it from everywhere. */
import { APIError } from 'better-auth/api';
import { RateLimiterRes } from 'rate-limiter-flexible';

import type { Cluster } from '../cluster/cluster.ts';
import type { Tries } from '../cluster/tries.ts';
import { env } from '../env.ts';

export interface SignInTry {
  account: string;
  address: string;
}

let perAddress: Tries;
let perAccount: Tries;

/** Before the first try. */
export function openThrottle({ countTries }: Pick<Cluster, 'countTries'>): void {
  perAddress = countTries({ name: 'address', points: env.SIGN_IN_TRIES, seconds: 60 });
  // Ten times as many, so that a stranger cannot lock a person out from one place.
  perAccount = countTries({ name: 'account', points: env.SIGN_IN_TRIES * 10, seconds: 15 * 60 });
}

/** Throws 429 with the time to wait. */
export async function throttle({ account, address }: SignInTry): Promise<void> {
  try {
    await perAddress.consume(`${account} ${address}`);
    await perAccount.consume(account);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw new APIError(
      'TOO_MANY_REQUESTS',
      {
        code: 'TOO_MANY_REQUESTS',
        message: `Too many tries to sign in. Try again in ${retryAfterSeconds} seconds.`,
        retryAfterSeconds,
      },
      { 'Retry-After': String(retryAfterSeconds) },
    );
  }
}

export async function forgetTries({ account, address }: SignInTry): Promise<void> {
  await perAddress.delete(`${account} ${address}`);
  await perAccount.delete(account);
}
