import { defineConfig } from '@playwright/test';

import config from './playwright.config.ts';

/** The browser tests with the tag @long, for `npm run test:long`. */
export default defineConfig(config, {
  grep: /@long/,
  grepInvert: [],
  reporter: [['list'], ['json', { outputFile: 'reports/e2e-long.json' }]],
});
