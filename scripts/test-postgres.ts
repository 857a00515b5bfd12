/**
 * `npm run test:postgres`: the API's tests against a real PostgreSQL server, started for them and gone afterwards, the long ones too, but for
 * those that kill processes with an embedded database, or count readers, of which no database knows.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { startPostgres } from '../api/testing/postgres-server.ts';

/** They are about something else than the database, or bring an embedded one of their own: `npm test` has tried them. */
const withoutThisServer = [
  'api/env.test.ts',
  'api/graphql/responses/subscription.test.ts',
  'api/server.long.test.ts',
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
  'api/http/guides.long.test.ts',
  'api/operations/trace.long.test.ts',
  'api/operations/processes.long.test.ts',
  'api/changelog/processes.long.test.ts',
  'api/changelog/cli/folder.long.test.ts',
  'api/graphql/requested-cost.long.test.ts',
  'api/runner/*.long.test.ts',
  'web/**',
  'api/testing/**',
  'scripts/**',
];

await using postgres = await startPostgres();
process.exitCode = await runTests(postgres.url);

async function runTests(url: string): Promise<number> {
  const vitest = spawn(
    'vitest',
    [
      'run',
      '--project',
      'api',
      '--project',
      'long',
      '--reporter=default',
      '--reporter=json',
      '--outputFile.json=reports/postgres.json',
      ...withoutThisServer.flatMap((files) => ['--exclude', files]),
      ...process.argv.slice(2),
    ],
    { stdio: 'inherit', env: { ...process.env, TEST_DATABASE_URL: url } },
  );
  const [code] = (await once(vitest, 'exit')) as [number | null];
  return code ?? 1;
}
