import { type ExecutionArgs, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';

import type { RequestContext } from '../../graphql-builder/context.ts';
import { log } from '../../log.ts';
import { operationEnded, type Outcome } from '../../operations/metrics.ts';
import { inSpan, type SpanStart } from '../../operations/trace.ts';
import { isForeseen } from '../mask-error.ts';

/** Each operation in the log, in the metrics and in its trace: names and times, never variables, which are people's words. */
export function useOperationRecord(): Plugin<RequestContext> {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) => recorded(args, async () => executeFn(args)));
    },
    onSubscribe({ subscribeFn, setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => recorded(args, async () => subscribeFn(args)));
    },
  };
}

async function recorded<T>(
  { document, operationName, contextValue }: ExecutionArgs,
  work: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const { requestId, viewer, request } = contextValue as RequestContext;
  const operation = getOperationAST(document, operationName);
  const kind = operation?.operation ?? 'query';
  const name = operation?.name?.value;
  const start: SpanStart = {
    name: name && name.length <= 60 ? `${kind} ${name}` : kind,
    kind: 'server',
    parent: request.headers.get('traceparent'),
    attributes: { 'graphql.operation.type': kind, 'confab.request.id': requestId, 'enduser.id': viewer?.id },
  };
  return inSpan(start, async (span) => {
    const result = await work();
    const outcome = outcomeOf(result);
    if (outcome === 'failed') span.fail('INTERNAL');
    const ms = performance.now() - began;
    operationEnded({ name, kind, outcome, isSignedIn: viewer !== null, seconds: ms / 1000 });
    const shown = { requestId, operation: name ?? 'anonymous', kind, viewer: viewer?.id, ms: Math.round(ms), outcome };
    log.info(shown, 'Operation');
    return result;
  });
}

function outcomeOf(result: unknown): Outcome {
  const errors = (typeof result === 'object' && result !== null && 'errors' in result && result.errors) || [];
  if (!Array.isArray(errors) || errors.length === 0) return 'ok';
  return errors.every(isForeseen) ? 'refused' : 'failed';
}
