import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** What is sent as JSON in an address. At malformed JSON Yoga's parser throws as if that were a fault of the server. */
export function useSoundParameters(): Plugin {
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
