/** Charges each request that checks a password or makes an account to the limits of throttle.ts, and settles it by its outcome. */
import { createHash } from 'node:crypto';

import { type APIError, getIP, isAPIError } from 'better-auth/api';

import { db } from '../database/db.ts';
import { knownDevice } from './devices.ts';
import type { HookContext } from './hook-context.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import {
  type Attempt,
  chargeSession,
  chargeSignIn,
  chargeSignUp,
  forgive,
  giveBack,
  tooManyAttempts,
} from './throttle.ts';

const attempts = new WeakMap<Request, Attempt>();

/** Throws 429 with the time to wait. */
export async function chargeRequest(context: HookContext): Promise<void> {
  const attempt = await chargeByPath(context);
  if (attempt && context.request) attempts.set(context.request, attempt);
}

/** After the answer is known. */
export async function settleRequest(context: HookContext): Promise<void> {
  const attempt = context.request && attempts.get(context.request);
  if (!attempt) return;
  const { returned } = context.context as { returned?: unknown };
  const failure = isAPIError(returned) ? returned : undefined;
  if (context.path === '/sign-up/email') {
    if (failure && [400, 429].includes(failure.statusCode)) await giveBack(attempt);
    return;
  }
  if (!failure) return forgive(attempt);
  if (!isWrongPassword(failure)) return giveBack(attempt);
}

/** The address in the request's body, as accounts are looked up by it. */
export function accountOf(context: HookContext): string {
  const { email } = (context.body ?? {}) as { email?: unknown };
  return typeof email === 'string' ? email.trim().toLowerCase().slice(0, 320) : '';
}

async function chargeByPath(context: HookContext): Promise<Attempt | undefined> {
  switch (context.path) {
    case '/sign-in/email':
      return chargeSignInRequest(context);
    case '/sign-up/email':
      return chargeSignUp(addressOf(context));
    case '/verify-password':
    case '/change-password': {
      const { authCookies, secret } = context.context;
      const token = await context.getSignedCookie(authCookies.sessionToken.name, secret);
      return token ? chargeSession(digest(token)) : undefined;
    }
    default:
      return undefined;
  }
}

async function chargeSignInRequest(context: HookContext): Promise<Attempt> {
  const [account, address] = [accountOf(context), addressOf(context)];
  const attempt = await chargeSignIn({ account, address, device: await knownDevice(context, account) });
  if (!attempt.locked) return attempt;
  try {
    if (await isRightAtKnownAddress(account, address, passwordOf(context))) return attempt;
  } catch (error) {
    // The queue of hashes is full: nothing was tried.
    await giveBack(attempt);
    throw error;
  }
  throw tooManyAttempts(attempt.locked);
}

/**
 * Whether the address is signed in to the account and the password is right. Everything else looks the same and takes as long, so that
 * which addresses an account knows is not revealed.
 */
async function isRightAtKnownAddress(email: string, ipAddress: string, password: string): Promise<boolean> {
  const sessions = { some: { ipAddress, expiresAt: { gt: new Date() } } };
  const found = await db.account.findFirst({
    where: { providerId: 'credential', user: { email, sessions } },
    select: { password: true },
  });
  if (found?.password) return verifyPassword({ hash: found.password, password });
  await hashPassword(password);
  return false;
}

/** As better-auth stores it with a session: IPv6 as its /64, IPv4 in IPv6 as IPv4. */
function addressOf(context: HookContext): string {
  return getIP(context.headers ?? new Headers(), context.context.options) ?? 'unknown';
}

/** Redis keeps the keys of counters: none of them is to be a secret. */
function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function passwordOf({ body }: HookContext): string {
  const { password } = (body ?? {}) as { password?: unknown };
  return typeof password === 'string' ? password.slice(0, 128) : '';
}

function isWrongPassword({ body }: APIError): boolean {
  return body?.code === 'INVALID_EMAIL_OR_PASSWORD' || body?.code === 'INVALID_PASSWORD';
}
