import type { Plugin } from 'graphql-yoga';

/** Form bodies are what a forger's page can send without being asked first. */
export function useJsonOnly(): Plugin {
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
