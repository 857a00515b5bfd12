import { defineConfig } from '@playwright/test';

import { browserOnMachine } from './scripts/browser.mjs';

const executablePath = browserOnMachine();

/** By the tag of a test, or the name of its file. */
export const longTests = /@long|\.long\.spec\.ts/;

/** The built app in Chromium, against real servers that each worker starts for itself (web/e2e/confab.ts). */
export default defineConfig({
  testDir: 'web/e2e',
  // They have a configuration of their own: playwright.long.config.ts.
  grepInvert: longTests,
  outputDir: 'test-results',
  workers: 2,
  fullyParallel: false,
  forbidOnly: Boolean(process.env['CI']),
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json', { outputFile: 'reports/e2e.json' }]],
  use: {
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    colorScheme: 'dark',
    trace: 'off',
    screenshot: 'only-on-failure',
    // What hangs fails with its locator, not by the time of the whole test.
    actionTimeout: 60_000,
    navigationTimeout: 60_000,
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--no-first-run',
      ],
    },
  },
});
