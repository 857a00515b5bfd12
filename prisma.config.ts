import { defineConfig } from 'prisma/config';

// Confab never runs Prisma's native schema engine (api/database/migrate.ts uses its WebAssembly build), but `prisma generate` would
// download it. Pointing at any file that exists keeps it from asking a network that may be closed.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations', seed: 'npm run db:seed' },
  ...(process.env['DATABASE_URL'] ? { datasource: { url: process.env['DATABASE_URL'] } } : {}),
});
