import { type ExecutionArgs, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

import type { RequestContext } from '../../graphql-builder/context.ts';
import { missingScope, neededScopes } from '../needed-scopes.ts';

/** An operation for which its token lacks a scope is refused as a whole: nothing of it is executed. */
export function useTokenScopes(): Plugin<RequestContext> {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const refusal = refusalOf(args);
      if (refusal) setResultAndStopExecution({ errors: [refusal] });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const refusal = refusalOf(args);
      if (refusal) setResultAndStopExecution({ errors: [refusal] });
    },
  };
}

function refusalOf({
  schema,
  document,
  operationName,
  contextValue,
}: Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'contextValue'>): GraphQLError | null {
  const { viewer } = contextValue as RequestContext;
  if (viewer?.credential.kind !== 'TOKEN') return null;
  const missing = missingScope(viewer, neededScopes(schema, document, operationName));
  if (!missing) return null;
  const isForBrowsers = missing.every((need) => need === 'BROWSER');
  const message = isForBrowsers
    ? 'No token may do this: sign in with a browser.'
    : `This token lacks the scope ${missing.join(' or ')}.`;
  return new GraphQLError(message, {
    extensions: {
      code: 'FORBIDDEN_SCOPE',
      ...(!isForBrowsers && { scope: missing[0] }),
      http: { status: 403 },
    },
  });
}
