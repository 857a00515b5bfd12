import type { Plugin } from 'graphql-yoga';

import { invalidToken } from '../../auth/access.ts';
import { networkOf } from '../../auth/accounts.ts';
import { type Viewer, viewerOf } from '../../auth/viewer.ts';
import { noteUse } from '../../tokens/last-use.ts';
import { viewerWithToken, wasSeen } from '../../tokens/look-up.ts';
import { countSignedOut, refuseExhausted } from './address-limit.ts';

const viewers = new WeakMap<Request, Viewer | null>();

/** Finds out who asks before the document is parsed: those who are signed out have smaller limits. */
export function useViewer(): Plugin {
  return {
    async onParams({ request }) {
      viewers.set(request, await viewerByCredential(request));
    },
  };
}

/** A token counts alone: a cookie beside it is ignored, whatever becomes of the token. */
async function viewerByCredential(request: Request): Promise<Viewer | null> {
  const [, secret] = /^Bearer\b *(.*)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  if (secret === undefined) return viewerOf(request.headers);
  // Secrets can be made up as fast as one likes, and each is looked up.
  if (!wasSeen(secret.trim())) refuseExhausted(request);
  const viewer = await viewerWithToken(secret.trim());
  if (!viewer) {
    await countSignedOut(request);
    throw invalidToken();
  }
  noteUse(viewer.credential.id, networkOf(request.headers));
  return viewer;
}

/** Who sent this request; null when signed out. */
export function viewerBehind(request: Request): Viewer | null {
  return viewers.get(request) ?? null;
}
