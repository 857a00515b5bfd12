import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';
import solid from 'vite-plugin-solid';

import { SlowestFirst } from './scripts/slowest-first.ts';

/** How long `expect.poll` and `vi.waitFor` wait: only a hang takes that long, also on a slow, shared machine. */
const patience = { poll: { timeout: 30_000 } };

/** Long by nature, such as a process that is killed ten times: `npm run test:long`. */
const longTests = '**/*.long.test.ts';

/** Of the API's own tests, and of the long ones. */
const serverTests = {
  globalSetup: ['api/testing/image.ts'],
  // Each file in a process of its own would compile PGlite's WebAssembly and load all packages again: half of the time.
  isolate: false,
  setupFiles: ['api/testing/shared-process.ts'],
  env: {
    LOG_LEVEL: 'silent',
    SIGN_IN_TRIES: '5',
    // All people of a test file come from one address.
    SIGN_IN_FAILURES_PER_ADDRESS: '10000',
    SIGN_UPS_PER_ADDRESS: '10000',
    SIGNED_OUT_REQUESTS: '1000000',
    ROOMS_PER_USER_A_DAY: '10000',
    COST_PER_USER: '1000000000',
    COST_PER_TOKEN: '1000000000',
    RUN_FLUSH_MS: '5',
    CHAT_TITLES: 'words',
  },
  expect: patience,
  testTimeout: 40_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    // Much of a test is waiting.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        // Else there are two copies of `graphql`, Vite's choice and Node's, and neither knows the other's errors.
        resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
        test: {
          name: 'api',
          // Not by `exclude`: vitest would then take no `--exclude` from the command line (scripts/test-postgres.ts).
          include: ['api/**/!(*.long).test.ts', 'scripts/**/*.test.ts'],
          ...serverTests,
        },
      },
      {
        resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
        test: { name: 'long', include: [`{api,web}/${longTests}`], ...serverTests },
      },
      {
        // A whole installation for each file: `npm run test:cluster`.
        resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
        test: {
          name: 'cluster',
          include: ['cluster/**/*.test.ts'],
          globalSetup: ['api/testing/postgres-image.ts'],
          expect: patience,
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [solid()],
        test: {
          name: 'web',
          include: ['web/**/*.test.{ts,tsx}'],
          exclude: ['web/e2e/**', longTests],
          isolate: false,
          setupFiles: ['web/testing/shared-process.ts'],
          // After the API's, since a process that is shared is given up where the next file is of another project.
          sequence: { groupOrder: 1 },
          environment: 'jsdom',
          expect: patience,
          testTimeout: 60_000,
        },
      },
    ],
  },
});
