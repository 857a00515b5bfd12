/** Vitest's global setup: one migrated database, from which each test file gets a copy of its own. */
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';

import { migrate } from '../database/migrate.ts';
import { migrationAdapter } from '../database/postgres.ts';
import { PGliteAdapter } from '../database/pglite.ts';

export default async function prepare(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env['TEST_DATABASE_URL'];
  return url ? prepareTemplate(project, url) : prepareFile(project);
}

async function prepareFile(project: TestProject): Promise<() => Promise<void>> {
  const pglite = await PGlite.create();
  await migrate(new PGliteAdapter(pglite));
  await dropTemplates(pglite);
  const image = await pglite.dumpDataDir('none');
  await pglite.close();
  const file = join(tmpdir(), `confab-test-${crypto.randomUUID()}.tar`);
  await writeFile(file, Buffer.from(await image.arrayBuffer()));
  project.provide('image', { file });
  return () => rm(file);
}

/** A third is left of what each copy has to unpack. */
async function dropTemplates(pglite: PGlite): Promise<void> {
  await pglite.exec(`UPDATE pg_database SET datistemplate = false WHERE datistemplate`);
  for (const name of ['template0', 'template1']) await pglite.exec(`DROP DATABASE ${name}`);
  await pglite.exec('CHECKPOINT');
}

async function prepareTemplate(project: TestProject, url: string): Promise<() => Promise<void>> {
  const template = `confab_template_${process.pid}`;
  await onServer(url, `CREATE DATABASE ${template}`);
  const place = new URL(url);
  place.pathname = `/${template}`;
  await migrate(migrationAdapter({ connectionString: place.href }));
  // What the migration's pool still holds would keep the database from being copied.
  await onServer(url, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '${template}'`);
  project.provide('image', { url, template });
  return () => onServer(url, `DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
}

/** One statement on the server's own database. */
export async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
