/** Makes the GraphQL server: a request passes its plugins from top to bottom. */
import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor';
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention';
import type { GraphQLError } from 'graphql';
import { createYoga } from 'graphql-yoga';

import type { RequestContext } from '../graphql-builder/context.ts';
import { requestIdNow } from '../operations/request-id.ts';
import { ANSWER_BYTES, AnswerSize, SIGNED_OUT_ANSWER_BYTES } from '../paging/answer-size.ts';
import { readKnownDocuments } from './known-documents.ts';
import { maskError } from './mask-error.ts';
import { useCost } from './plugins/cost.ts';
import { useDeprecations } from './plugins/deprecations.ts';
import { useDocuments } from './plugins/documents.ts';
import { useFewErrors } from './plugins/few-errors.ts';
import { useHonestStatus } from './plugins/honest-status.ts';
import { useIntrospectionCache } from './plugins/introspection.ts';
import { useJsonOnly } from './plugins/json-only.ts';
import { useOperationRecord } from './plugins/operation-record.ts';
import { usePersistedDocuments } from './plugins/persisted-documents.ts';
import { useReadOnlyGet } from './plugins/read-only-get.ts';
import { useSignedOutLimits } from './plugins/signed-out.ts';
import { useSoundParameters } from './plugins/sound-parameters.ts';
import { useTokenScopes } from './plugins/token-scopes.ts';
import { useUnfinishedRequestLimit } from './plugins/unfinished-requests.ts';
import { useUnheldStreams } from './plugins/unheld-streams.ts';
import { useViewer, viewerBehind } from './plugins/viewer.ts';
import { useEventStreams } from './responses/subscription.ts';
import { schema } from './schema.ts';

const UNFORESEEN = 'Something went wrong on the server.';

/** Without it these refusals have no code. */
function markTooComplex(_context: unknown, { extensions }: GraphQLError): void {
  extensions['code'] = 'QUERY_TOO_COMPLEX';
}

export function makeYoga() {
  return createYoga<object, Pick<RequestContext, 'viewer' | 'requestId' | 'answer' | 'charge'>>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    logging: false,
    parserAndValidationCache: false,
    // http/graphiql.ts has the page.
    graphiql: false,
    context: ({ request }) => {
      const viewer = viewerBehind(request);
      const answer = new AnswerSize(viewer ? ANSWER_BYTES : SIGNED_OUT_ANSWER_BYTES);
      return { viewer, requestId: requestIdNow(), answer, charge: null };
    },
    maskedErrors: { maskError, errorMessage: UNFORESEEN },
    plugins: [
      useEventStreams((error) => maskError(error, UNFORESEEN)),
      // A page of another origin cannot send `Authorization` without being asked first, and without a token the route takes it away.
      useCSRFPrevention({ requestHeaders: ['x-graphql-yoga-csrf', 'authorization'] }),
      useJsonOnly(),
      useSoundParameters(),
      useDocuments(),
      useViewer(),
      usePersistedDocuments(readKnownDocuments()),
      useSignedOutLimits(),
      useUnfinishedRequestLimit(),
      EnvelopArmorPlugin({
        maxDepth: { n: 15, onReject: [markTooComplex] },
        maxAliases: { n: 30, onReject: [markTooComplex] },
        // Counted in plugins/documents.ts, with the nesting.
        maxTokens: { enabled: false },
        // Pothos counts what a query costs, with what the schema knows of its lists.
        costLimit: { enabled: false },
        blockFieldSuggestion: { enabled: false },
      }),
      useReadOnlyGet(),
      useTokenScopes(),
      useCost(),
      useIntrospectionCache(),
      useHonestStatus(),
      useUnheldStreams(),
      useFewErrors(),
      useOperationRecord(),
      useDeprecations(),
    ],
  });
}
