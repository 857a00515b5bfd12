import type { Plugin } from 'graphql-yoga';

/**
 * A request that could not be begun has a code. Where the answer is `application/json`, its status is 200 as soon as the request was one of
 * GraphQL, as GraphQL over HTTP has it; otherwise it is 4xx.
 */
export function useHonestStatus(): Plugin {
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
