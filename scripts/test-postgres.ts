/**
 * `npm run test:postgres`: the API's tests against a real PostgreSQL server, started for them and gone afterwards. Of the long tests those that
 * are about the database: the others kill processes with an embedded one, or count readers, of which no database knows.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { startPostgres } from '../api/testing/postgres-server.ts';

/** They are about something else than the database, or bring an embedded one of their own: `npm test` has tried them. */
const withoutThisServer = [
  'api/env.test.ts',
  'api/graphql/responses/subscription.test.ts',
  'api/database/data-folder.test.ts',
  'api/database/migrate.test.ts',
  'api/database/pglite.test.ts',
  'api/graphql/schema.test.ts',
  'api/runner/closing.test.ts',
  'api/runner/failures.test.ts',
  'api/runner/silence.test.ts',
  'api/providers/**',
  'api/testing/conformance.test.ts',
  'api/texts/excerpt.test.ts',
  'api/redis/send-queue.test.ts',
  'api/contexts/assemble.test.ts',
  'api/testing/**',
  'scripts/**',
];

/** Long ones that write SQL of their own, or walk everything that can be asked. */
const longTests = [
  'api/changelog/mutations',
  'api/changelog/recovery',
  'api/changelog/traps',
  'api/changelog/upgrade',
  'api/graphql/bad-input',
];

const asked = process.argv.slice(2);
const codes = [await runTests('api', 'postgres', asked)];
if (asked.length === 0) codes.push(await runTests('long', 'postgres-long', longTests));
process.exitCode = Math.max(...codes);

/** On a server of their own. Returns the exit code. */
async function runTests(project: string, report: string, files: readonly string[]): Promise<number> {
  await using postgres = await startPostgres();
  const vitest = spawn(
    'vitest',
    [
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=reports/${report}.json`,
      ...withoutThisServer.flatMap((excluded) => ['--exclude', excluded]),
      ...files,
    ],
    { stdio: 'inherit', env: { ...process.env, TEST_DATABASE_URL: postgres.url } },
  );
  const [code] = (await once(vitest, 'exit')) as [number | null];
  return code ?? 1;
}
