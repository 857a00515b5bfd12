/** `npm run db:migration -- name`: writes the migration that leads from the present ones to prisma/schema.prisma. */
import { mkdirSync, writeFileSync } from 'node:fs';

import { PGlite } from '@electric-sql/pglite';

import { missingMigration } from '../api/database/migrate.ts';
import { PGliteAdapter } from '../api/database/pglite.ts';

const name = process.argv[2];
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error('Say what the migration does, in lower case: npm run db:migration -- add_rooms');
  process.exit(1);
}

mkdirSync('prisma/migrations', { recursive: true });
const pglite = await PGlite.create();
const sql = await missingMigration(new PGliteAdapter(pglite));
await pglite.close();

if (sql === '') {
  console.log('The migrations and prisma/schema.prisma agree: nothing to write.');
} else {
  const stamp = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const folder = `prisma/migrations/${stamp}_${name}`;
  mkdirSync(folder);
  writeFileSync(`${folder}/migration.sql`, `${sql}\n`);
  console.log(`Wrote ${folder}/migration.sql: read it before you commit it.`);
}
