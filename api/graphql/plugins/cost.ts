import type { ExecutionArgs, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

import { type Budget, type Charge, chargePoints, tightestOf, WINDOW_SECONDS } from '../../auth/budgets.ts';
import type { RequestContext } from '../../graphql-builder/context.ts';
import { costOf } from '../cost-of.ts';
import { addressBudgetOf } from './address-limit.ts';
import { isIntrospection } from './introspection.ts';
import { tooManyRequests } from './too-many.ts';

/** What asks for `extensions.cost`. */
const COST_HEADER = 'x-confab-cost';

/** Charges each signed-in operation before it is executed, and sends what is left, so that a script can keep within it. */
export function useCost(): Plugin<RequestContext> {
  const charges = new WeakMap<Request, Charge>();

  /** Null where it may be executed. */
  async function refusalOf(args: ExecutionArgs): Promise<GraphQLError | null> {
    const context = args.contextValue as RequestContext;
    // The schema's answers are kept, and are the same for all.
    if (!context.viewer || isIntrospection(args.document, args.operationName)) return null;
    const charge = await chargePoints(context.viewer, costOf(args));
    charges.set(context.request, charge);
    context.charge = charge;
    return charge.lacking && tooMuch(charge.requested, charge.lacking);
  }

  return {
    async onExecute({ args, setResultAndStopExecution }) {
      const refusal = await refusalOf(args);
      if (refusal) setResultAndStopExecution({ errors: [refusal] });
    },
    async onSubscribe({ args, setResultAndStopExecution }) {
      const refusal = await refusalOf(args);
      if (refusal) setResultAndStopExecution({ errors: [refusal] });
    },
    onResultProcess(payload) {
      const { request, result } = payload;
      const charge = charges.get(request);
      if (!charge || request.headers.get(COST_HEADER) !== '1' || Array.isArray(result)) return;
      if (!('data' in result) && !('errors' in result)) return;
      payload.setResult({ ...result, extensions: { ...result.extensions, cost: shown(charge) } });
    },
    onResponse({ request, response: { headers } }) {
      const charged = charges.get(request)?.budgets ?? [addressBudgetOf(request) ?? []].flat();
      if (charged.length === 0) return;
      const each = (tell: (budget: Budget) => string) => charged.map(tell).join(', ');
      headers.set(
        'RateLimit-Policy',
        each(({ name, limit }) => `"${name}";q=${limit};w=${WINDOW_SECONDS}`),
      );
      headers.set(
        'RateLimit',
        each((budget) => `"${budget.name}";r=${budget.remaining};t=${secondsUntil(budget.resetAt)}`),
      );
    },
  };
}

function shown(charge: Charge) {
  const tightest = tightestOf(charge);
  return {
    requested: charge.requested,
    limit: tightest?.limit,
    remaining: tightest?.remaining,
    resetAt: tightest?.resetAt.toISOString(),
  };
}

function tooMuch(points: number, { name, limit, resetAt }: Budget): GraphQLError {
  const whose = name === 'token' ? 'This token' : 'You';
  const reason = `${whose} may ask for ${limit} points in ${WINDOW_SECONDS} seconds, and this costs ${points}.`;
  return tooManyRequests(reason, resetAt.getTime() - Date.now());
}

function secondsUntil(time: Date): number {
  return Math.max(0, Math.ceil((time.getTime() - Date.now()) / 1000));
}
