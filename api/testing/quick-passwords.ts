/**
 * Stands in for `auth/passwords.ts` in the tests of the API that are about something else: people sign up by the thousand in them, and a
 * hash in earnest takes 80 ms. A file that is about passwords calls `vi.unmock`.
 */
import { scryptSync } from 'node:crypto';

const QUICK = { N: 2, r: 1, p: 1 };
const SALT = 'salt';

const keyOf = (password: string) => scryptSync(password.normalize('NFKC'), SALT, 64, QUICK).toString('hex');

export const hashPassword = (password: string) => Promise.resolve(`${SALT}:${keyOf(password)}`);

export const verifyPassword = ({ hash, password }: { hash: string; password: string }) =>
  Promise.resolve(hash === `${SALT}:${keyOf(password)}`);

export const closePasswordThreads = () => Promise.resolve();
