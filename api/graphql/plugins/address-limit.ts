import { LRUCache } from 'lru-cache';

import { networkOf } from '../../auth/accounts.ts';
import { type Budget, chargeAddress } from '../../auth/budgets.ts';
import { tooManyRequests } from './too-many.ts';

const budgets = new WeakMap<Request, Budget>();
/** Of networks that have none left: until when, in milliseconds since 1970. */
const exhausted = new LRUCache<string, number>({ max: 10_000 });

/** Throws 429 with the time to wait where a network has made too many signed-out requests. */
export async function countSignedOut(request: Request): Promise<void> {
  const network = networkOf(request.headers);
  const { budget, isRefused } = await chargeAddress(network);
  budgets.set(request, budget);
  if (!isRefused) return;
  exhausted.set(network, budget.resetAt.getTime());
  throw refusalUntil(budget.resetAt.getTime());
}

/** The same without counting: for what would cost something before it can be counted. */
export function refuseExhausted({ headers }: Request): void {
  const until = exhausted.get(networkOf(headers)) ?? 0;
  if (until > Date.now()) throw refusalUntil(until);
}

function refusalUntil(time: number) {
  return tooManyRequests('Too many requests without a session.', time - Date.now());
}

/** What the network of this request has left; undefined where it was not counted. */
export function addressBudgetOf(request: Request): Budget | undefined {
  return budgets.get(request);
}
