import { defineConfig } from '@playwright/test';

import config, { longTests } from './playwright.config.ts';

/** The browser tests that are long, for `npm run test:long`. */
export default defineConfig(config, {
  grep: longTests,
  grepInvert: [],
  reporter: [['list'], ['json', { outputFile: 'reports/e2e-long.json' }]],
});
