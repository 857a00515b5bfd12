/** `npm run test:postgres`: the API's tests against a real PostgreSQL server, started for them and gone afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { startPostgres } from '../api/testing/postgres-server.ts';

/** They are about something else than the database, or bring an embedded one of their own: `npm test` has tried them. */
const withoutThisServer = [
  'api/env.test.ts',
  'api/event-streams.test.ts',
  'api/server.test.ts',
  'api/pglite.test.ts',
  'api/schema.test.ts',
  'api/runs/closing.test.ts',
  'api/runs/deaths.test.ts',
  'api/runs/failures.test.ts',
  'api/runs/silence.test.ts',
  'api/providers/**',
  'api/cluster/conformance.test.ts',
  'api/cluster/excerpt.test.ts',
  'api/cluster/outbox.test.ts',
  'api/cluster/process.test.ts',
  'api/contexts/assemble.test.ts',
  'api/operations/trace.test.ts',
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
