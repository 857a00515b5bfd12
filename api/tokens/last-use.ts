import { LRUCache } from 'lru-cache';

import { db } from '../database/db.ts';
import { log } from '../log.ts';

const MINUTE_MS = 60_000;

/** Tokens whose use was written down less than a minute ago, on this node. */
const noted = new LRUCache<string, true>({ max: 10_000, ttl: MINUTE_MS });

/** Writes down when and from which address a token was used: to the minute, and nobody waits for it. */
export function noteUse(tokenId: string, address: string): void {
  if (noted.has(tokenId)) return;
  noted.set(tokenId, true);
  const writing = db.$executeRaw`
    UPDATE api_token SET last_used_at = date_trunc('minute', now()), last_used_address = ${address}
    WHERE id = ${tokenId}::uuid`;
  writing.catch((error: unknown) => log.warn({ error }, 'The use of a token could not be written down'));
}
