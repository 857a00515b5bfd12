import { type DocumentNode, getOperationAST, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

import type { RequestContext } from '../../graphql-builder/context.ts';

/** Anybody can make a browser GET: so nothing may come of it but an answer. Asked of the document: a title may say mutation. */
export function useReadOnlyGet(): Plugin<RequestContext> {
  return {
    onParse:
      () =>
      ({ result, context }) => {
        if (context.request.method !== 'GET' || !isDocument(result)) return;
        const operation = getOperationAST(result, context.params.operationName)?.operation ?? 'query';
        if (operation === 'query') return;
        throw new GraphQLError('GET is for queries. Send mutations and subscriptions by POST.', {
          extensions: { code: 'METHOD_NOT_ALLOWED', http: { status: 405, headers: { Allow: 'POST' } } },
        });
      },
  };
}

function isDocument(result: unknown): result is DocumentNode {
  return typeof result === 'object' && result !== null && 'kind' in result;
}
