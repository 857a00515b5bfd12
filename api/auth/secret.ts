import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { dataFolderError } from '../database/data-folder.ts';
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
  const secret = readOrMake(file, env.DATA_DIR);
  if (secret.length >= 32) return secret;
  throw new SettingError(
    `${file} holds no secret of 32 characters: restore it from a backup, or delete it; then everybody has to sign in again.`,
  );
}

function readOrMake(file: string, folder: string): string {
  try {
    if (!existsSync(file)) {
      // Renamed when it is complete: half a secret would be taken for the secret at the next start.
      writeFileSync(`${file}.new`, randomBytes(32).toString('base64url'), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    }
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw dataFolderError(folder, (cause as NodeJS.ErrnoException).code ?? '', cause);
  }
}
