import {
  Client,
  createRequest,
  fetchExchange,
  mapExchange,
  type AnyVariables,
  type CombinedError,
  type OperationContext,
  type OperationResult,
  type TypedDocumentNode,
} from '@urql/core';
import { createSignal } from 'solid-js';
import { apiHeaders } from './api-headers';
import { bypassCache, documentCache } from './document-cache';

export const url = '/graphql';
const [hasSessionEnded, setSessionEnded] = createSignal(false);

export { hasSessionEnded };

/**
 * The session of this page's person has ended. Until it is resumed no request of the page leaves it: by then another person
 * may be signed in in this browser.
 */
export const endSession = () => setSessionEnded(true);
/** The same person is signed in again. */
export const resumeSession = () => setSessionEnded(false);

const fetchOptions: RequestInit = { credentials: 'same-origin', headers: apiHeaders };

/** The context of a small request that the browser completes though its page is closed meanwhile. */
export const outlivingPage = { fetchOptions: { ...fetchOptions, keepalive: true } };

/** The one client of the page. */
export function createClient(): Client {
  return new Client({
    url,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions,
    fetch: fetchInSession,
    exchanges: [noticeEndOfSession, documentCache, fetchExchange],
  });
}

/** The context of a request that is sent also after the session has ended, and whose refusal is not taken for the session's end. */
export const outsideOfSession = {
  isOutsideOfSession: true,
  fetch: (...request: Parameters<typeof fetch>) => globalThis.fetch(...request),
};

let asked = 0;

/**
 * Sends a query even if the same one is under way, and returns the answer as it came: the store goes by revisions, and an answer that
 * a cache had put together from several would mix them.
 */
export function fetchFresh<Data, Variables extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  context: Partial<OperationContext> = {},
): Promise<OperationResult<Data, Variables>> {
  const request = createRequest(document, variables);
  asked += 1;
  return client
    .executeQuery<Data, Variables>(
      { ...request, key: request.key + asked },
      { requestPolicy: 'network-only', ...bypassCache, ...context },
    )
    .toPromise();
}

const fetchInSession: typeof fetch = (...request) =>
  hasSessionEnded() ? Promise.resolve(refusal()) : globalThis.fetch(...request);

/** As the server answers signed-out requests. */
function refusal(): Response {
  const errors = [{ message: 'You are not signed in.', extensions: { code: 'UNAUTHENTICATED' } }];
  return Response.json({ errors }, { status: 401 });
}

const noticeEndOfSession = mapExchange({
  onError: (error, { context }) => {
    if (isUnauthenticated(error) && !context['isOutsideOfSession']) endSession();
  },
});

export function isUnauthenticated(error: CombinedError): boolean {
  return (
    error.response?.status === 401 || error.graphQLErrors.some((each) => each.extensions['code'] === 'UNAUTHENTICATED')
  );
}
