/**
 * What people and tokens may ask for in a minute, in points: those of a query's complexity. Of an address without a session, in requests. On all
 * nodes together where there is Redis.
 */
import { RateLimiterRes } from 'rate-limiter-flexible';

import { env } from '../env.ts';
import type { MakeAttemptLimiter, AttemptLimiter } from '../redis/rate-limiter.ts';
import type { Viewer } from './viewer.ts';

export const WINDOW_SECONDS = 60;

type BudgetName = 'person' | 'token' | 'address';

/** As it is after a charge. */
export interface Budget {
  name: BudgetName;
  /** Points in a window, or requests. */
  limit: number;
  remaining: number;
  /** When all of them are there again. */
  resetAt: Date;
}

/** What one operation was charged. */
export interface Charge {
  /** Its points. */
  requested: number;
  /** That of the person, and with a token that of the token. */
  budgets: Budget[];
  /** Which of them has too little left: then nothing was charged. */
  lacking: Budget | null;
}

let counters: Record<BudgetName, AttemptLimiter>;

/** Before the first charge. */
export function openBudgets(attemptLimiter: MakeAttemptLimiter): void {
  const counter = (name: BudgetName) =>
    attemptLimiter({ name: `cost-${name}`, points: limitOf(name), seconds: WINDOW_SECONDS });
  counters = { person: counter('person'), token: counter('token'), address: counter('address') };
}

/** Charges all budgets of the viewer, or none where one of them has too little left. */
export async function chargePoints({ id, credential }: Viewer, points: number): Promise<Charge> {
  const keys: [BudgetName, string][] = [['person', id]];
  if (credential.kind === 'TOKEN') keys.push(['token', credential.id]);
  const charged = await Promise.all(keys.map(([name, key]) => consume(name, key, points)));
  const refused = charged.find(({ isRefused }) => isRefused);
  // Also what was refused: it has been counted, and others are not to wait for what was never done.
  // Not at the end of a window: in the next one, a refund would raise the limit.
  if (refused && refused.budget.resetAt.getTime() - Date.now() > 1_000)
    await Promise.all(keys.map(([name, key]) => counters[name].reward(key, points)));
  return { requested: points, budgets: charged.map(({ budget }) => budget), lacking: refused?.budget ?? null };
}

/** One signed-out request of a network (`networkOf`), or one with an invalid token. */
export function chargeAddress(network: string): Promise<{ budget: Budget; isRefused: boolean }> {
  return consume('address', network, 1);
}

/** The one with the least left. */
export function tightestOf({ budgets }: Charge): Budget | null {
  return budgets.reduce<Budget | null>(
    (least, each) => (least && least.remaining <= each.remaining ? least : each),
    null,
  );
}

async function consume(name: BudgetName, key: string, points: number): Promise<{ budget: Budget; isRefused: boolean }> {
  try {
    return { budget: budgetOf(name, await counters[name].consume(key, points)), isRefused: false };
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return { budget: budgetOf(name, refusal), isRefused: true };
  }
}

function budgetOf(name: BudgetName, { remainingPoints, msBeforeNext }: RateLimiterRes): Budget {
  const resetAt = new Date(Date.now() + msBeforeNext);
  return { name, limit: limitOf(name), remaining: Math.max(0, remainingPoints), resetAt };
}

function limitOf(name: BudgetName): number {
  return { person: env.COST_PER_USER, token: env.COST_PER_TOKEN, address: env.SIGNED_OUT_REQUESTS }[name];
}
