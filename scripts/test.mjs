// `npm test`: types and lint, the API's and the web's tests, then the built app in a browser. Goes on after a failure, so that one
// run reports all, and ends with what the runners counted.
import { rmSync } from 'node:fs';

import { ensureBrowser } from './browser.mjs';
import { isBuilt, markBuilt } from './built.mjs';
import { readReports, reportsFolder, tellResult, writeFailure } from './reports.mjs';
import { step } from './step.mjs';

rmSync(reportsFolder, { recursive: true, force: true });

const failed = [
  step('Generating', 'generate'),
  step('Checking types, lint and format', 'check'),
  step('Testing the API and the web app', 'test:unit'),
  build(),
  ensureBrowser() ? step('Testing in a browser', 'test:e2e') : 'Testing in a browser',
].filter((name) => name !== undefined);

// A step without tests of its own, as the types are, counts as one that failed.
for (const name of failed) writeFailure(name);
const result = readReports();
tellResult(result);
process.exit(result.failures.length === 0 && result.passed > 0 ? 0 : 1);

/** As `npm start` builds it, which then need not do it again, nor need this after it. */
function build() {
  if (isBuilt()) return undefined;
  const failure = step('Building the web app', 'build');
  if (!failure) markBuilt();
  return failure;
}
