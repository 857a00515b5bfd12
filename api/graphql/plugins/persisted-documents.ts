import { defaultExtractPersistedOperationId, usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

import type { Viewer } from '../../auth/viewer.ts';
import { env } from '../../env.ts';
import type { RequestContext } from '../../graphql-builder/context.ts';
import { hashOfDocument, type KnownDocuments } from '../known-documents.ts';
import { isIntrospection } from './introspection.ts';
import { viewerBehind } from './viewer.ts';

/**
 * Which documents a request may run. A document of the page may be sent as its SHA-256 alone. A token that names documents runs those and
 * no other, and with `PERSISTED_ONLY` only these and the page's may be run, except for administrators who ask about the schema.
 */
export function usePersistedDocuments(known: KnownDocuments): Plugin<RequestContext> {
  const byHash: Plugin = usePersistedOperations({
    allowArbitraryOperations: true,
    getPersistedOperation(hash, request) {
      if (!isAllowed(hash, viewerBehind(request), known)) throw notAllowed();
      return known.get(hash) ?? null;
    },
    customErrors: { notFound: () => notFound() },
  });
  /** Requests that are answered as far as they ask about the schema. */
  const schemaOnly = new WeakSet<Request>();

  function refuse({ contextValue, document, operationName }: ExecutionArgs): GraphQLError | null {
    const { request } = contextValue as RequestContext;
    return schemaOnly.has(request) && !isIntrospection(document, operationName) ? notAllowed() : null;
  }

  return {
    onParams(payload) {
      const { request, params } = payload;
      const { query } = params as { query?: unknown };
      // Without either, Yoga says what is missing.
      if (!query)
        return defaultExtractPersistedOperationId(params, request, {}) ? byHash.onParams?.(payload) : undefined;
      const viewer = viewerBehind(request);
      if (typeof query !== 'string' || isAllowedText(query, viewer, known)) return;
      if (viewer?.role !== 'ADMIN' || documentsOf(viewer)) throw notAllowed();
      schemaOnly.add(request);
    },
    onExecute({ args, setResultAndStopExecution }) {
      const refusal = refuse(args);
      if (refusal) setResultAndStopExecution({ errors: [refusal] });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const refusal = refuse(args);
      if (refusal) setResultAndStopExecution({ errors: [refusal] });
    },
  };
}

function isAllowedText(text: string, viewer: Viewer | null, known: KnownDocuments): boolean {
  return (!documentsOf(viewer) && !env.PERSISTED_ONLY) || isAllowed(hashOfDocument(text), viewer, known);
}

function isAllowed(hash: string, viewer: Viewer | null, known: KnownDocuments): boolean {
  const named = documentsOf(viewer);
  return named ? named.has(hash) : !env.PERSISTED_ONLY || known.has(hash);
}

function documentsOf(viewer: Viewer | null): ReadonlySet<string> | null {
  return viewer?.credential.kind === 'TOKEN' ? viewer.credential.documentIds : null;
}

function notAllowed(): GraphQLError {
  return new GraphQLError('This document is not among those that may be run here.', {
    extensions: { code: 'DOCUMENT_NOT_ALLOWED', http: { status: 403 } },
  });
}

/** The words that clients know by which they send the text instead. */
function notFound(): GraphQLError {
  return new GraphQLError('PersistedQueryNotFound', {
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', http: { status: 400 } },
  });
}
