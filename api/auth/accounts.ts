/** Accounts by better-auth under /api/auth: sign up, in and out, name, password, sessions. */
import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { APIError, createAuthMiddleware, getIP } from 'better-auth/api';
import { z } from 'zod';

import { db } from '../database/db.ts';
import { giveHandle } from '../handles/handles.ts';
import { holdsControls, isVisible } from '../handles/names.ts';
import { write } from '../database/write.ts';
import { env } from '../env.ts';
import { log } from '../log.ts';
import { noteSessionEnd } from './access.ts';
import { accountsClient } from './accounts-client.ts';
import { accountOf, chargeRequest, settleRequest } from './attempts.ts';
import { rememberDevice } from './devices.ts';
import type { HookContext } from './hook-context.ts';
import { hashPassword, verifyPassword } from './passwords.ts';

/** Set by the HTTP server from the connection, over whatever a client claims. */
export const CLIENT_ADDRESS_HEADER = 'x-confab-client-address';

export type Accounts = ReturnType<typeof makeAccounts>;

let instance: Accounts | undefined;

export function accounts(): Accounts {
  if (!instance) throw new Error('openAccounts has not been called.');
  return instance;
}

/** `secret` signs the cookies: another one signs everybody out. */
export function openAccounts(secret: string): void {
  instance = makeAccounts(secret);
}

/**
 * What one person has for sure: an IPv4 address itself, of an IPv6 address the first 64 bits, since the holder of one has all addresses
 * that begin with them. `headers`: of a request, as the HTTP server passes it on.
 */
export function networkOf(headers: Headers): string {
  return getIP(headers, accounts().options) ?? 'unknown';
}

function makeAccounts(secret: string) {
  return betterAuth({
    secret,
    basePath: '/api/auth',
    ...(env.PUBLIC_URL && { baseURL: env.PUBLIC_URL, trustedOrigins: [env.PUBLIC_URL] }),
    database: prismaAdapter(accountsClient(), { provider: 'postgresql', transaction: false }),
    emailAndPassword: {
      enabled: true,
      minPasswordLength: 8,
      maxPasswordLength: 128,
      autoSignIn: true,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    user: {
      additionalFields: {
        role: { type: 'string', input: false, defaultValue: 'USER' },
        maxChats: { type: 'number', input: false, defaultValue: env.MAX_CHATS },
        disabledAt: { type: 'date', input: false, required: false },
      },
    },
    // Its own limit counts requests of an address; ours counts wrong passwords (throttle.ts).
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: 'confab',
      useSecureCookies: env.PUBLIC_URL?.startsWith('https:') ?? false,
      // Prisma's defaults make UUID v7.
      // Joins: a session and its person in one query.
      database: { generateId: false, joins: true },
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
    },
    databaseHooks: {
      user: {
        create: {
          after: async ({ id, name }) => settleNewAccount(id, name),
        },
      },
      session: {
        create: { before: ({ userId }) => refuseDisabled(userId) },
        // Runs only for sessions that existed.
        delete: { after: async ({ id }) => noteSessionEnd(id) },
      },
    },
    hooks: {
      before: createAuthMiddleware(async (context) => {
        if (context.path === '/sign-up/email') await refuseSignUpIfClosed();
        rejectUnstorable(context.body);
        await chargeRequest(context);
        // A changed password has to end other sessions: that is not left to a flag of the request.
        if (context.path === '/change-password')
          return { context: { body: { ...(context.body as object), revokeOtherSessions: true } } };
      }),
      after: createAuthMiddleware(async (context) => {
        await settleRequest(context);
        if (context.path !== '/sign-in/email' && context.path !== '/sign-up/email') return;
        if (!context.context.newSession) return;
        await rememberDevice(context, accountOf(context));
        await endOldSession(context, context.context.newSession.session.token);
      }),
    },
    onAPIError: {
      // Refusals are answers to people. Without this, each is printed as an error, past our log.
      onError: (error) => {
        const { statusCode = 500 } = (error ?? {}) as { statusCode?: number };
        if (statusCode >= 500) log.error({ error }, 'Unforeseen error in better-auth');
      },
    },
    telemetry: { enabled: false },
    // It would log request data, and a warning about the Host header.
    logger: { disabled: true },
  });
}

/** The first thing that is asked, so that the answer does not depend on whether the account exists. An empty server takes its first one. */
async function refuseSignUpIfClosed(): Promise<void> {
  if (env.SIGN_UP === 'closed' && (await db.user.count({ take: 1 })) > 0) throw signUpClosed();
}

/** After the password was found right: without it nothing is learned. */
async function refuseDisabled(userId: string): Promise<void> {
  const disabled = await db.user.count({ where: { id: userId, disabledAt: { not: null } } });
  if (disabled > 0)
    throw new APIError('FORBIDDEN', {
      code: 'ACCOUNT_DISABLED',
      message: 'This account is disabled. Ask an administrator.',
    });
}

/** The browser's cookie is replaced: the old session could not be ended from this browser any more. */
async function endOldSession(context: HookContext, newToken: string): Promise<void> {
  const { authCookies, secret, internalAdapter } = context.context;
  const token = await context.getSignedCookie(authCookies.sessionToken.name, secret);
  if (token && token !== newToken) await internalAdapter.deleteSession(token);
}

/** Under a lock, so that of several first people at once exactly one becomes the administrator; a closed server keeps no other. */
async function settleNewAccount(userId: string, name: string): Promise<void> {
  const isKept = await write({ server: 'accounts' }, async ({ tx }) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('confab.first-account'))`;
    await tx.$executeRaw`
      UPDATE "user" SET role = 'ADMIN'
      WHERE id = (SELECT id FROM "user" ORDER BY created_at, id LIMIT 1)
        AND NOT EXISTS (SELECT 1 FROM "user" WHERE role = 'ADMIN')`;
    await giveHandle(tx, userId, name);
    if (env.SIGN_UP === 'open') return true;
    const { count } = await tx.user.deleteMany({ where: { id: userId, role: 'USER' } });
    return count === 0;
  });
  if (!isKept) throw signUpClosed();
}

function signUpClosed(): APIError {
  return new APIError('FORBIDDEN', {
    code: 'SIGN_UP_CLOSED',
    message: 'This server does not take new accounts.',
  });
}

/** better-auth hands these on as they come; the database's refusals would look like faults of ours. */
function rejectUnstorable(body: unknown): void {
  const fields = z.record(z.string(), z.unknown()).safeParse(body ?? {});
  const isSound =
    fields.success && Profile.safeParse(fields.data).success && Object.values(fields.data).every(isStorable);
  if (isSound) return;
  throw new APIError('BAD_REQUEST', {
    code: 'INVALID_TEXT',
    message: 'A field is empty, too long or holds what cannot be stored.',
  });
}

const Profile = z.object({
  name: z
    .string()
    .refine((name) => isVisible(name) && !holdsControls(name))
    .optional(),
  image: z.string().nullish(),
});

/** PostgreSQL cannot store NUL, and UTF-8 has no half of a surrogate pair. */
function isStorable(value: unknown): boolean {
  return typeof value !== 'string' || (!value.includes('\0') && value.isWellFormed() && value.length <= 1_000);
}
