/**
 * Remembers in a signed cookie which accounts a browser signed in to, so that wrong passwords from elsewhere cannot lock it out. A
 * cookie and not a table: nothing has to be stored or deleted, every node can read it, and it does not reveal who has an account.
 */
import { createHmac } from 'node:crypto';

import type { HookContext } from './hook-context.ts';

/** Browsers keep a cookie for 400 days at most. */
const LIFETIME_SECONDS = 365 * 24 * 60 * 60;
/** Of one browser: the oldest is forgotten first. */
const MOST_ACCOUNTS = 5;

/** The browser's id, if it signed in to the account before. */
export async function knownDevice(context: HookContext, account: string): Promise<string | null> {
  const { id, marks } = await readCookie(context);
  return id !== undefined && marks.includes(markOf(context, id, account)) ? id : null;
}

export async function rememberDevice(context: HookContext, account: string): Promise<void> {
  const { id = crypto.randomUUID(), marks } = await readCookie(context);
  const mark = markOf(context, id, account);
  const kept = marks.filter((other) => other !== mark).slice(0, MOST_ACCOUNTS - 1);
  const { name, attributes } = cookieOf(context);
  await context.setSignedCookie(name, [id, mark, ...kept].join('.'), context.context.secret, attributes);
}

async function readCookie(context: HookContext): Promise<{ id?: string | undefined; marks: string[] }> {
  const value = await context.getSignedCookie(cookieOf(context).name, context.context.secret);
  if (!value) return { marks: [] };
  const [id, ...marks] = value.split('.');
  return { id, marks };
}

/** Keyed, so that the cookie does not reveal whose accounts they are. */
function markOf({ context }: HookContext, id: string, account: string): string {
  return createHmac('sha256', context.secret).update(`device ${id} ${account}`).digest('base64url').slice(0, 22);
}

function cookieOf({ context }: HookContext) {
  return context.createAuthCookie('device', { maxAge: LIFETIME_SECONDS });
}
