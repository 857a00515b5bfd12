/** Slows down guessing of passwords: few tries of an account from one address, more of it from everywhere. */
import { APIError } from 'better-auth/api';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import { env } from '../env.ts';

export interface SignInTry {
  account: string;
  address: string;
}

const perAddress = new RateLimiterMemory({ points: env.SIGN_IN_TRIES, duration: 60 });
// Ten times as many, so that a stranger cannot lock a person out from one place.
const perAccount = new RateLimiterMemory({ points: env.SIGN_IN_TRIES * 10, duration: 15 * 60 });

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
