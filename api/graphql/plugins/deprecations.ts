import type { ExecutionArgs } from 'graphql';
import type { Plugin } from 'graphql-yoga';

import type { RequestContext } from '../../graphql-builder/context.ts';
import { deprecatedUsed } from '../../operations/metrics.ts';
import { deprecatedUses } from '../deprecated-uses.ts';

/** How a client calls itself, so that those who run Confab know whom the end of something deprecated would hit. */
const CLIENT_HEADER = 'x-client-name';

/** Counts what is deprecated and still used, by client. */
export function useDeprecations(): Plugin<RequestContext> {
  return {
    onExecute: ({ args }) => count(args),
    onSubscribe: ({ args }) => count(args),
  };
}

function count({ schema, document, operationName, variableValues, contextValue }: ExecutionArgs): undefined {
  const { viewer, request } = contextValue as RequestContext;
  for (const coordinate of deprecatedUses(schema, document, operationName, variableValues))
    deprecatedUsed(coordinate, request.headers.get(CLIENT_HEADER), viewer !== null);
}
