import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Env, SettingError } from '../env.ts';

/** AUTH_SECRET; on the embedded database else one made once and kept beside the data. */
export function authSecret(env: Pick<Env, 'AUTH_SECRET' | 'DATABASE_URL' | 'DATA_DIR'>): string {
  if (env.AUTH_SECRET) return env.AUTH_SECRET;
  if (env.DATABASE_URL) {
    throw new SettingError(
      'With DATABASE_URL, set AUTH_SECRET too: a text of 32 characters or more (openssl rand -base64 32 makes one).',
    );
  }
  const file = join(env.DATA_DIR, 'auth-secret');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}
