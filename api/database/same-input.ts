/** Distinguishes a repeated request from another one with the same clientId by mistake. */
import { createHash } from 'node:crypto';

import { ConflictError } from '../errors.ts';

/** `input`: what a request asks for, but for its clientId. What is left out and what is undefined are the same. */
export function hashOfInput(verb: string, input: object): string {
  return createHash('sha256')
    .update(`${verb} ${JSON.stringify(input, sorted)}`)
    .digest('base64url');
}

/** Throws `ConflictError` where something else was asked for with the same clientId. `stored`: null where the input is not known any more. */
export function requireSameInput(stored: string | null, inputHash: string): void {
  if (stored !== null && stored !== inputHash) throw new ConflictError();
}

/** For JSON.stringify: the fields of an object by their names, so that their order makes no other input. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
