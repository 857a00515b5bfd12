// `npm start` before the server: installs, generates and builds what is not there yet or no longer up to date.
import './install.mjs';

import { spawnSync } from 'node:child_process';

import { isBuilt, markBuilt } from './built.mjs';

if (!isBuilt()) {
  console.log('Building Confab (once, half a minute) …');
  run('generate');
  run('build');
  markBuilt();
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
