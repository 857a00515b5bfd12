/**
 * Limits guesses of passwords, new accounts, and costly questions of those who have none. Each attempt is charged to its counters before the password is checked, so that many
 * at once cannot pass; what was not a wrong password is given back.
 */
import { APIError } from 'better-auth/api';
import { RateLimiterRes } from 'rate-limiter-flexible';

import { env } from '../env.ts';
import type { MakeAttemptLimiter, AttemptLimiter } from '../redis/rate-limiter.ts';

export interface SignInSource {
  /** The email address, normalised. */
  account: string;
  /** Of the network; IPv6 as its /64. */
  address: string;
  /** The browser's id if it signed in to this account before. */
  device: string | null;
}

interface Charge {
  limiter: AttemptLimiter;
  key: string;
}

/** What one attempt was charged to. */
export interface Attempt {
  charges: Charge[];
  /** The account had too many wrong passwords from foreign places: only an address that is signed in to it may go on. */
  locked?: RateLimiterRes;
}

interface Limits {
  accountFromAddress: AttemptLimiter;
  accountFromDevice: AttemptLimiter;
  accountFromDeviceLong: AttemptLimiter;
  accountFromForeign: AttemptLimiter;
  address: AttemptLimiter;
  session: AttemptLimiter;
  sessionLong: AttemptLimiter;
  signUps: AttemptLimiter;
  introspection: AttemptLimiter;
}

const LONG_SECONDS = 15 * 60;
const LONG_FACTOR = 10;
/** Tools ask the same few questions about the schema, whose answers are kept: this is for others. */
const INTROSPECTION_PER_MINUTE = 30;

let limits: Limits;

/** Before the first attempt. */
export function openThrottle(attemptLimiter: MakeAttemptLimiter): void {
  const perMinute = (name: string, points: number) => attemptLimiter({ name, points, seconds: 60 });
  const long = (name: string) =>
    attemptLimiter({ name, points: env.SIGN_IN_TRIES * LONG_FACTOR, seconds: LONG_SECONDS });
  limits = {
    accountFromAddress: perMinute('address', env.SIGN_IN_TRIES),
    accountFromDevice: perMinute('device', env.SIGN_IN_TRIES),
    accountFromDeviceLong: long('device-long'),
    accountFromForeign: long('account'),
    address: perMinute('failures', env.SIGN_IN_FAILURES_PER_ADDRESS),
    session: perMinute('session', env.SIGN_IN_TRIES),
    sessionLong: long('session-long'),
    signUps: attemptLimiter({ name: 'sign-ups', points: env.SIGN_UPS_PER_ADDRESS, seconds: 10 * 60 }),
    introspection: perMinute('introspection', INTROSPECTION_PER_MINUTE),
  };
}

/**
 * Throws 429 with the time to wait. A browser that signed in to the account before is counted by itself alone: wrong passwords from
 * elsewhere, or from others at the same address, do not lock it out.
 */
export async function chargeSignIn({ account, address, device }: SignInSource): Promise<Attempt> {
  if (device !== null) {
    const key = `${account} ${device}`;
    return charge([
      { limiter: limits.accountFromDevice, key },
      { limiter: limits.accountFromDeviceLong, key },
    ]);
  }
  // The address first: once it is refused, made-up names leave no counters behind.
  const attempt = await charge([
    { limiter: limits.address, key: address },
    { limiter: limits.accountFromAddress, key: `${account} ${address}` },
  ]);
  const foreign = { limiter: limits.accountFromForeign, key: account };
  const refusal = await consume(foreign);
  if (refusal) return { ...attempt, locked: refusal };
  return { charges: [...attempt.charges, foreign] };
}

/** For a password that a signed-in person is asked for. Throws 429 with the time to wait. */
export function chargeSession(session: string): Promise<Attempt> {
  return charge([
    { limiter: limits.session, key: session },
    { limiter: limits.sessionLong, key: session },
  ]);
}

/** Throws 429 with the time to wait. */
export function chargeSignUp(address: string): Promise<Attempt> {
  return charge([{ limiter: limits.signUps, key: address }]);
}

/** For a question about the schema that has to be worked out, without a session. Null, or the time to wait. */
export async function chargeIntrospection(address: string): Promise<RateLimiterRes | null> {
  return (await consume({ limiter: limits.introspection, key: address })) ?? null;
}

/** The attempt was no guess: it costs nothing. */
export async function giveBack({ charges }: Attempt): Promise<void> {
  await Promise.all(charges.map(({ limiter, key }) => limiter.reward(key)));
}

/** The password was right: it costs nothing, and earlier wrong ones from the same place are forgotten. */
export async function forgive({ charges }: Attempt): Promise<void> {
  const shared = new Set([limits.address, limits.accountFromForeign]);
  await Promise.all(
    charges.map(({ limiter, key }) => (shared.has(limiter) ? limiter.reward(key) : limiter.delete(key))),
  );
}

/** 429 with the time to wait. */
export function tooManyAttempts({ msBeforeNext }: RateLimiterRes): APIError {
  const retryAfterSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  return new APIError(
    'TOO_MANY_REQUESTS',
    {
      code: 'TOO_MANY_REQUESTS',
      message: `Too many tries. Try again in ${retryAfterSeconds} seconds.`,
      retryAfterSeconds,
    },
    { 'Retry-After': String(retryAfterSeconds) },
  );
}

/** All or none. */
async function charge(charges: Charge[]): Promise<Attempt> {
  const done: Charge[] = [];
  for (const next of charges) {
    const refusal = await consume(next);
    if (refusal) {
      await giveBack({ charges: done });
      throw tooManyAttempts(refusal);
    }
    done.push(next);
  }
  return { charges: done };
}

async function consume({ limiter, key }: Charge): Promise<RateLimiterRes | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return refusal;
    throw refusal;
  }
}
