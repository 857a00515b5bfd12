import type { Plugin } from 'graphql-yoga';

/** No proxy may hold an event stream back, change it or keep it. */
export function useUnheldStreams(): Plugin {
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
