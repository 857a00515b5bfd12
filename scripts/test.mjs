// `npm test`: types and lint, the API's and the web's tests, then the built app in a browser. Goes on after a failure, so that one
// run tells all, and ends with what the runners counted.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

import { ensureBrowser } from './browser.mjs';
import { readReports, reportsFolder, tellResult, writeFailure } from './reports.mjs';

rmSync(reportsFolder, { recursive: true, force: true });

const failed = [
  step('Generating', 'generate'),
  step('Checking types, lint and format', 'check'),
  step('Testing the API and the web app', 'test:unit'),
  step('Building the web app', 'build'),
  ensureBrowser() ? step('Testing in a browser', 'test:e2e') : 'Testing in a browser',
].filter((name) => name !== undefined);

// A step without tests of its own, as the types are, counts as one that failed.
for (const name of failed) writeFailure(name);
const result = readReports();
tellResult(result);
process.exit(result.failures.length === 0 && result.passed > 0 ? 0 : 1);

/** The step's name where it failed. */
function step(name, script) {
  console.log(`\n${name} …`);
  const { status } = spawnSync('npm', ['run', '--silent', script], {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  return status === 0 ? undefined : name;
}
