// `npm run test:long`: what `npm test` leaves out, since it is long by nature. Its reports are added to those that are there.
import { ensureBrowser } from './browser.mjs';
import { step } from './step.mjs';

const failed = [
  step('Testing processes that are killed, and all else that is long', 'test:long:unit'),
  ensureBrowser() ? step('Testing at length in a browser', 'test:long:e2e') : 'Testing at length in a browser',
];

process.exit(failed.every((name) => name === undefined) ? 0 : 1);
