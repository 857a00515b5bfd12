import {
  Client,
  createRequest,
  fetchExchange,
  mapExchange,
  type AnyVariables,
  type CombinedError,
  type Exchange,
  type OperationResult,
  type TypedDocumentNode,
} from '@urql/core';
import { createSignal } from 'solid-js';
import { normalisedCache } from './cache';

export const url = '/graphql';
const [hasSessionEnded, setSessionEnded] = createSignal(false);

export { hasSessionEnded };

/**
 * The session of whoever this page belongs to has ended. Until it is resumed no request of the page leaves it: by then somebody else
 * may be signed in in this browser.
 */
export const endSession = () => setSessionEnded(true);
/** The same person is signed in again. */
export const resumeSession = () => setSessionEnded(false);

export function createClient(): Client {
  return clientWith(noticeEndOfSession, normalisedCache, fetchExchange);
}

/**
 * Hands over answers just as they came. For what is put together by revisions: a cache mixes answers, and then one with an old
 * message says that it is new.
 */
export function createPlainClient(): Client {
  return clientWith(noticeEndOfSession, fetchExchange);
}

/** Asks also after the session has ended, and takes no answer for its end. */
export function createSessionClient(): Client {
  return new Client({ ...options, fetch: (...request) => globalThis.fetch(...request), exchanges: [fetchExchange] });
}

let asked = 0;

/** A query with an answer of its own, where urql would hand over the one to the same question that was asked before. */
export function fetchFresh<Data, Variables extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<OperationResult<Data, Variables>> {
  const request = createRequest(document, variables);
  asked += 1;
  return client
    .executeQuery<Data, Variables>({ ...request, key: request.key + asked }, { requestPolicy: 'network-only' })
    .toPromise();
}

function clientWith(...exchanges: Exchange[]): Client {
  return new Client({ ...options, fetch: fetchInSession, exchanges });
}

const options = {
  url,
  preferGetMethod: false,
  requestPolicy: 'cache-and-network',
  fetchOptions: { credentials: 'same-origin', headers: { 'x-graphql-yoga-csrf': '1' } },
} as const;

const fetchInSession: typeof fetch = (...request) =>
  hasSessionEnded() ? Promise.resolve(refusal()) : globalThis.fetch(...request);

/** As the server answers whoever is not signed in. */
function refusal(): Response {
  const errors = [{ message: 'You are not signed in.', extensions: { code: 'UNAUTHENTICATED' } }];
  return Response.json({ errors }, { status: 401 });
}

const noticeEndOfSession = mapExchange({
  onError: (error) => {
    if (isUnauthenticated(error)) endSession();
  },
});

export function isUnauthenticated(error: CombinedError): boolean {
  return (
    error.response?.status === 401 || error.graphQLErrors.some((each) => each.extensions['code'] === 'UNAUTHENTICATED')
  );
}
