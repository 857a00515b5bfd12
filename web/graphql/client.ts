import {
  Client,
  fetchExchange,
  mapExchange,
  subscriptionExchange,
  type CombinedError,
  type ExecutionResult,
} from '@urql/core';
import { createSignal } from 'solid-js';
import { normalisedCache } from './cache';
import { makeSubscription, type ConnectionState } from './sse';

/** What a subscription hands over in its operation's context, since only it knows where it is and when it is over. */
export interface StreamContext {
  variables: () => Record<string, unknown>;
  isEnd: (result: ExecutionResult) => boolean;
}

const url = '/graphql';
const [connection, setConnection] = createSignal<ConnectionState>('closed');
const [hasSessionEnded, setSessionEnded] = createSignal(false);

export { connection, hasSessionEnded };

export function createClient(): Client {
  return new Client({
    url,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: { credentials: 'same-origin', headers: { 'x-graphql-yoga-csrf': '1' } },
    exchanges: [noticeEndOfSession, normalisedCache, streams, fetchExchange],
  });
}

const noticeEndOfSession = mapExchange({
  onError: (error) => {
    if (isUnauthenticated(error)) setSessionEnded(true);
  },
});

const streams = subscriptionExchange({
  forwardSubscription: (request, operation) => ({
    subscribe: (observer) => {
      const stream = operation.context['stream'] as StreamContext;
      const unsubscribe = makeSubscription<ExecutionResult>({
        url,
        body: () => ({ query: request.query, variables: stream.variables() }),
        isEnd: (result) => isOver(result) || stream.isEnd(result),
        onResult: (result) => observer.next(result),
        onClose: (refusal) => {
          if (refusal?.status === 401) setSessionEnded(true);
          if (refusal) observer.error(new Error(refusal.body));
          else observer.complete();
        },
        onState: setConnection,
      });
      return { unsubscribe };
    },
  }),
});

/** An error without data is the server's last word, unless it is one of its own faults: those may pass. */
function isOver({ errors, data }: ExecutionResult): boolean {
  const codes = (errors as readonly { extensions?: { code?: string } }[] | undefined)?.map(
    (each) => each.extensions?.code,
  );
  return !data && !!codes?.some((code) => code !== 'INTERNAL');
}

function isUnauthenticated(error: CombinedError): boolean {
  return (
    error.response?.status === 401 || error.graphQLErrors.some((each) => each.extensions['code'] === 'UNAUTHENTICATED')
  );
}
