/** The hash that stands in the place of words: keyed by the server, so that words cannot be guessed without the server's key. */
import { createHmac } from 'node:crypto';

let key: Buffer | undefined;

/** `secret`: what signs the cookies. With another one, the same words have another hash. */
export function openMasks(secret: string): void {
  key = createHmac('sha256', secret).update('confab audit mask').digest();
}

/**
 * `digest`: SHA-256 of the words. The row is in the hash, so that the same words are recognised within a row and in no other: else an
 * administrator could find out what a person wrote by writing it too.
 */
export function maskOf(relation: string, rowId: string, digest: string): string {
  if (!key) throw new Error('openMasks has not been called.');
  return createHmac('sha256', key)
    .update(JSON.stringify([relation, rowId, digest]))
    .digest('hex')
    .slice(0, 32);
}
