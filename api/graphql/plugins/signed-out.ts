/** What a signed-out request may ask of /graphql: enough for the sign-in page and for GraphiQL to read the schema. */
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import pLimit from 'p-limit';

import { countSignedOut } from './address-limit.ts';
import { viewerBehind } from './viewer.ts';

/** In bytes of UTF-8. GraphiQL's introspection query has 2 KB. */
const DOCUMENT_BYTES = 4 * 1024;
const BODY_BYTES = 20 * 1024;
/** Of all signed-out requests of this process. The others wait. */
const MOST_AT_ONCE = 4;

export function useSignedOutLimits(): Plugin {
  const inTurn = pLimit(MOST_AT_ONCE);
  return {
    async onParams({ request, params, paramsHandler, setParamsHandler }) {
      if (viewerBehind(request)) return;
      await countSignedOut(request);
      const { query } = params as { query?: unknown };
      if (typeof query === 'string' && Buffer.byteLength(query) > DOCUMENT_BYTES) throw signInFirst('the document', 4);
      if (Number(request.headers.get('content-length') ?? 0) > BODY_BYTES) throw signInFirst('the body', 20);
      setParamsHandler((payload) => inTurn(async () => paramsHandler(payload)));
    },
  };
}

/** As `UNAUTHENTICATED`, so that a page whose session ended while a person typed asks for a sign-in. */
function signInFirst(what: string, kibibytes: number): GraphQLError {
  const message = `Sign in first: without a session, ${what} of a request may have at most ${kibibytes} KiB.`;
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
}
