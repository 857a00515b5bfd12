/** Vitest's global setup of the cluster's tests: one migrated PostgreSQL, from which each installation gets a copy of its own. */
import type { TestProject } from 'vitest/node';

import { migrate } from '../database/migrate.ts';
import { migrationAdapter } from '../database/postgres.ts';
import { startPostgres } from './postgres-server.ts';

export default async function prepare(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres();
  await migrate(migrationAdapter({ connectionString: postgres.url }));
  await postgres.stop();
  project.provide('postgresData', postgres.data);
  return () => postgres.remove();
}
