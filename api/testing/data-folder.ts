/** Data folders for processes under test. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** A file with a PGlite data folder in it, or the name of a template database on TEST_DATABASE_URL. */
    image: { file: string } | { url: string; template: string };
  }
}

/** With a migrated database in it, since to make one takes seconds. The caller removes it. */
export async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'confab-data-'));
  putDatabaseIn(folder);
  return folder;
}

/** The same, in a folder of the caller's. */
export function putDatabaseIn(folder: string): void {
  const image = inject('image');
  if (!('file' in image)) return;
  const database = join(folder, 'pglite');
  mkdirSync(database, { recursive: true });
  execFileSync('tar', ['-xf', image.file, '-C', database], { stdio: 'pipe' });
}
