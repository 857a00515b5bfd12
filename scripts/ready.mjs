// `npm start` before the server: installs, generates and builds what is not there yet or no longer up to date.
import './install.mjs';

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const stampFile = 'node_modules/.cache/confab/built';
const inputs = ['package-lock.json', 'schema.graphql', 'codegen.ts', 'vite.config.ts', 'prisma/schema.prisma', 'web'];

const stamp = stampOf(inputs);
const isReady = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp && existsSync('web/dist/index.html');
if (!isReady) {
  console.log('Building Confab (once, half a minute) …');
  run('generate');
  run('build');
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
}

/** Says nothing while all goes well, and everything when it does not. */
function run(script) {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  console.error(`${stdout}\n${stderr}\nConfab could not be built: \`npm run ${script}\` failed, see above.`);
  process.exit(1);
}

function stampOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesIn)) hash.update(path).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

function filesIn(path) {
  if (/(^|\/)(dist|generated|e2e)$/.test(path)) return [];
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => filesIn(join(path, entry.name)));
  } catch {
    return [path];
  }
}
