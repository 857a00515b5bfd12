/** A request's way from the door to its answer: the plugins, top to bottom. */
import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor';
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention';
import { type DocumentNode, type ExecutionArgs, getOperationAST, GraphQLError } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';

import { ANSWER_BYTES, AnswerSize, SIGNED_OUT_ANSWER_BYTES, withoutRepetition } from '../paging/answer-size.ts';
import type { Context } from '../graphql-builder/context.ts';
import { useDocuments } from './plugins/documents.ts';
import { useEventStreams } from './responses/subscription.ts';
import { InvalidInputError } from '../errors.ts';
import { useIntrospectionCache } from './plugins/introspection.ts';
import { log } from '../log.ts';
import { operationEnded, type Outcome } from '../operations/metrics.ts';
import { inSpan, type SpanStart } from '../operations/trace.ts';
import { requestIdNow } from '../operations/request-id.ts';
import { schema } from './schema.ts';
import { useSignedOutLimits } from './plugins/signed-out.ts';
import { useViewer, viewerBehind } from './plugins/viewer.ts';

const UNFORESEEN = 'Something went wrong on the server.';

export function makeYoga() {
  return createYoga<object, Pick<Context, 'viewer' | 'requestId' | 'answer'>>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    logging: false,
    parserAndValidationCache: false,
    // graphiql.ts has the page.
    graphiql: false,
    context: ({ request }) => {
      const viewer = viewerBehind(request);
      const answer = new AnswerSize(viewer ? ANSWER_BYTES : SIGNED_OUT_ANSWER_BYTES);
      return { viewer, requestId: requestIdNow(), answer };
    },
    maskedErrors: { maskError, errorMessage: UNFORESEEN },
    plugins: [
      useEventStreams((error) => maskError(error, UNFORESEEN)),
      useCSRFPrevention(),
      useJsonOnly(),
      useSoundParameters(),
      useDocuments(),
      useViewer(),
      useSignedOutLimits(),
      EnvelopArmorPlugin({
        maxDepth: { n: 15 },
        maxAliases: { n: 30 },
        // Counted in documents.ts, with the nesting.
        maxTokens: { enabled: false },
        // Pothos counts what a query costs, with what the schema knows of its lists.
        costLimit: { enabled: false },
        blockFieldSuggestion: { enabled: false },
      }),
      useReadOnlyGet(),
      useIntrospectionCache(),
      useHonestStatus(),
      useUnheldStreams(),
      useFewErrors(),
      useOperationRecord(),
    ],
  });
}

/** Form bodies are what a forger's page can send without being asked first. */
function useJsonOnly(): Plugin {
  return {
    onRequest(payload) {
      const { request } = payload;
      const isJson = /^application\/(json|graphql-response\+json)\b/i.test(request.headers.get('content-type') ?? '');
      if (request.method !== 'POST' || isJson) return;
      const errors = [
        { message: 'Send application/json: {"query": "…"}.', extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' } },
      ];
      payload.endResponse(Response.json({ errors }, { status: 415 }));
    },
  };
}

/** What is sent as JSON in an address. Yoga's parser throws at what is none, as if that were a fault of the server. */
function useSoundParameters(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      if (request.method !== 'GET' || !requestParser) return;
      setRequestParser((asked) => {
        try {
          return requestParser(asked);
        } catch {
          throw new GraphQLError('`variables` and `extensions` have to be JSON.', {
            extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
          });
        }
      });
    },
  };
}

/** Anybody can make a browser GET: so nothing may come of it but an answer. Asked of the document: a title may say mutation. */
function useReadOnlyGet(): Plugin<Context> {
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

/**
 * A request that could not be begun has a code. Where the answer is `application/json`, its status is 200 as soon as the request was one of
 * GraphQL, as GraphQL over HTTP has it; otherwise it is 4xx.
 */
function useHonestStatus(): Plugin {
  const parsed = new WeakSet<Request>();
  return {
    onParse({ context }) {
      parsed.add(context.request);
    },
    onResultProcess({ request, result }) {
      if (Array.isArray(result) || !('errors' in result) || result.data !== undefined) return;
      const isStream = request.headers.get('accept')?.includes('text/event-stream') ?? false;
      for (const { extensions } of result.errors ?? []) {
        const http = { status: 400, ...extensions['http'] };
        extensions['code'] ??= 'BAD_REQUEST';
        // Yoga's word for a status that `application/json` does not show.
        extensions['http'] = { ...http, spec: http.status === 400 && parsed.has(request) && !isStream };
      }
    },
  };
}

/** Each field that did not fit into an answer is an error, and there may be thousands. */
function useFewErrors(): Plugin<Context> {
  return {
    onExecute: () => ({
      onExecuteDone({ result, setResult }) {
        if ('errors' in result && result.errors) setResult({ ...result, errors: withoutRepetition(result.errors) });
      },
    }),
  };
}

/** No proxy may hold an event stream back, change it or keep it. */
function useUnheldStreams(): Plugin {
  return {
    onResponse({ response: { headers } }) {
      if (!headers.get('content-type')?.startsWith('text/event-stream')) return;
      headers.set('X-Accel-Buffering', 'no');
      headers.set('Cache-Control', 'no-store, no-transform');
      // Yoga's `none` is no encoding that HTTP knows.
      headers.delete('Content-Encoding');
    },
  };
}

/** Each operation in the log, in the metrics and in its trace: names and times, never variables, which are people's words. */
function useOperationRecord(): Plugin<Context> {
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
  const { requestId, viewer, request } = contextValue as Context;
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

/** What was foreseen is shown; whatever else is logged with the request's id, and only the id is shown. */
function maskError(error: unknown, message: string): Error {
  const cause = causeOf(error);
  if (error instanceof GraphQLError && cause === error) return error;
  const path = (error instanceof GraphQLError ? error.path : undefined) ?? null;
  // A query has no result union that could hold it.
  if (cause instanceof InvalidInputError) {
    return new GraphQLError(cause.reason, { path, extensions: { code: 'INVALID_INPUT', http: { status: 400 } } });
  }
  const requestId = requestIdNow();
  log.error({ requestId, error: cause, path }, 'Unforeseen error');
  return new GraphQLError(message, { path, extensions: { code: 'INTERNAL', requestId, http: { status: 500 } } });
}

/** What somebody threw: the error itself, or what GraphQL wrapped into one that names the field. */
function causeOf(error: unknown): unknown {
  const original = error instanceof GraphQLError ? error.originalError : undefined;
  return original && !(original instanceof GraphQLError) ? original : error;
}

function isForeseen(error: unknown): boolean {
  const cause = causeOf(error);
  return cause instanceof GraphQLError || cause instanceof InvalidInputError;
}
