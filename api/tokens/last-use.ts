import { LRUCache } from 'lru-cache';

import { write } from '../database/write.ts';
import { log } from '../log.ts';

const MINUTE_MS = 60_000;

/** Tokens whose use was written down less than a minute ago, on this node. */
const noted = new LRUCache<string, true>({ max: 10_000, ttl: MINUTE_MS });

/** Writes down when and from which address a token was used: to the minute, without delaying the request. */
export function noteUse(tokenId: string, address: string): void {
  if (noted.has(tokenId)) return;
  noted.set(tokenId, true);
  const minute = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
  const writing = write({ server: 'tokens' }, ({ tx }) =>
    tx.apiToken.updateMany({ where: { id: tokenId }, data: { lastUsedAt: minute, lastUsedAddress: address } }),
  );
  writing.catch((error: unknown) => log.warn({ error }, 'Storing the last use of a token failed'));
}
