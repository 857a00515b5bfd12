/**
 * Who asks with a token. What was found is known for two seconds on each node, and forgotten at once when a hint says that a token
 * has ended: a request costs the database nothing as long as others with the same token came shortly before.
 */
import { LRUCache } from 'lru-cache';

import { usableAt } from '../auth/stream-guard.ts';
import type { TokenCredential, Viewer } from '../auth/viewer.ts';
import { bus } from '../bus/bus.ts';
import { db } from '../database/db.ts';
import { hashOfSecret, isSecret } from './secret.ts';

const FRESH_MS = 2_000;
const MOST_KNOWN = 10_000;

/** A viewer whose credential is a token. */
export type TokenViewer = Viewer & { readonly credential: TokenCredential };

const known = new LRUCache<string, Promise<TokenViewer | null>>({ max: MOST_KNOWN, ttl: FRESH_MS });
/** Apart from valid tokens, so that unknown ones do not evict them. */
const unknown = new LRUCache<string, true>({ max: MOST_KNOWN, ttl: FRESH_MS });
/** Was valid once, and may not be any more. */
const seen = new LRUCache<string, true>({ max: MOST_KNOWN });
let isListening = false;

/** Null where the secret is unknown, expired or revoked, or its owner disabled. */
export async function viewerWithToken(secret: string): Promise<TokenViewer | null> {
  if (!isSecret(secret)) return null;
  const viewer = await found(hashOfSecret(secret));
  const expiresAt = viewer?.credential.expiresAt;
  return expiresAt && expiresAt.getTime() <= Date.now() ? null : viewer;
}

function found(secretHash: string): Promise<TokenViewer | null> {
  // While this node receives no hints, it does not learn of a revoked token.
  if (!bus.isWhole) return read(secretHash);
  listen();
  const before = known.get(secretHash);
  if (before) return before;
  if (unknown.has(secretHash)) return Promise.resolve(null);
  const reading = read(secretHash).then(
    (viewer) => {
      if (!viewer) forget(secretHash);
      return viewer;
    },
    (error: unknown) => {
      known.delete(secretHash);
      throw error;
    },
  );
  known.set(secretHash, reading);
  return reading;
}

function forget(secretHash: string): void {
  known.delete(secretHash);
  unknown.set(secretHash, true);
}

/** False for a token without a successful request since this process began. Does not ask the database. */
export function wasSeen(secret: string): boolean {
  return isSecret(secret) && seen.has(hashOfSecret(secret));
}

/** Once, and for as long as the process lives. */
function listen(): void {
  if (isListening) return;
  isListening = true;
  bus.listen('tokenEnded', () => known.clear());
  bus.onGap(() => known.clear());
}

async function read(secretHash: string): Promise<TokenViewer | null> {
  const token = await db.apiToken.findFirst({
    where: { secretHash, ...usableAt(new Date()), user: { disabledAt: null } },
    include: { user: { select: { id: true, role: true } } },
  });
  if (!token) return null;
  seen.set(secretHash, true);
  const { id, scopes, chatIds, documentIds, expiresAt, user } = token;
  return {
    id: user.id,
    role: user.role,
    credential: {
      kind: 'TOKEN',
      id,
      scopes: new Set(scopes),
      chatIds: chatIds.length > 0 ? chatIds : null,
      documentIds: documentIds.length > 0 ? new Set(documentIds) : null,
      expiresAt,
    },
  };
}
