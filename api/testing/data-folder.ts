/** Data folders for processes under test. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inject } from 'vitest';

/** With a migrated database in it, since to make one takes seconds. The caller removes it. */
export async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'confab-data-'));
  const image = inject('image');
  if ('file' in image) {
    const database = join(folder, 'pglite');
    mkdirSync(database);
    execFileSync('tar', ['-xf', image.file, '-C', database], { stdio: 'pipe' });
  }
  return folder;
}
