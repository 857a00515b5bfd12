// Whether what is generated and built is that of these sources.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const stampFile = 'node_modules/.cache/confab/built';
const inputs = [
  'package-lock.json',
  'schema.graphql',
  'codegen.ts',
  'vite.config.ts',
  'scripts/document-texts.ts',
  'scripts/page-documents.ts',
  'scripts/docs',
  'docs/api',
  'docs/examples',
  'CHANGELOG.md',
  'api/tokens/scopes.ts',
  'prisma/schema.prisma',
  'web',
];

export function isBuilt() {
  return (
    existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stampOf(inputs) && existsSync('web/dist/index.html')
  );
}

export function markBuilt() {
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stampOf(inputs));
}

function stampOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesIn)) hash.update(path).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

function filesIn(path) {
  if (/(^|\/)(dist|generated|e2e)$/.test(path)) return [];
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => filesIn(join(path, entry.name)));
  } catch {
    return [path];
  }
}
