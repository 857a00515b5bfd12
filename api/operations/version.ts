import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

export const version = manifest.version;

/**
 * The version of the built web app: the name of its entry script, which has a hash of all that it imports. An open page compares it with
 * the script that it was started by. Null where the app is not built.
 */
export const pageVersion = entryScript();

function entryScript(): string | null {
  const path = join(import.meta.dirname, '../../web/dist/index.html');
  if (!existsSync(path)) return null;
  return /<script type="module"[^>]* src="\/assets\/([^"]+)"/.exec(readFileSync(path, 'utf8'))?.[1] ?? null;
}
