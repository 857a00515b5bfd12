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

/** From now on nobody is signed in. */
export const endSession = () => setSessionEnded(true);

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

let asked = 0;

/** A query with an answer of its own, where urql would hand over the one to the same question that was asked before. */
export function askAnew<Data, Variables extends AnyVariables>(
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
  return new Client({
    url,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: { credentials: 'same-origin', headers: { 'x-graphql-yoga-csrf': '1' } },
    exchanges,
  });
}

const noticeEndOfSession = mapExchange({
  onError: (error) => {
    if (isUnauthenticated(error)) endSession();
  },
});

function isUnauthenticated(error: CombinedError): boolean {
  return (
    error.response?.status === 401 || error.graphQLErrors.some((each) => each.extensions['code'] === 'UNAUTHENTICATED')
  );
}
