/** Runs in a thread of the password pool. It imports nothing of the app, so that a thread starts quickly. */
import { scryptSync } from 'node:crypto';

export interface KeyRequest {
  password: string;
  salt: string;
}

// better-auth's parameters: the hashes that it stored must stay valid. One hash takes 32 MB.
const COST = { N: 16_384, r: 16, p: 1, maxmem: 64 * 1024 * 1024 };
const KEY_BYTES = 64;

export default function deriveKey({ password, salt }: KeyRequest): string {
  return scryptSync(password.normalize('NFKC'), salt, KEY_BYTES, COST).toString('hex');
}
