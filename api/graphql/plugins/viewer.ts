import type { Plugin } from 'graphql-yoga';

import { type Viewer, viewerOf } from '../../auth/viewer.ts';

const viewers = new WeakMap<Request, Viewer | null>();

/** Finds out who asks before the document is parsed: those who are signed out have smaller limits. */
export function useViewer(): Plugin {
  return {
    async onParams({ request }) {
      viewers.set(request, await viewerOf(request.headers));
    },
  };
}

/** Who sent this request; null when signed out. */
export function viewerBehind(request: Request): Viewer | null {
  return viewers.get(request) ?? null;
}
