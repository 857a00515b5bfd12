/** The documents of the page, by their SHA-256: a manifest that is made with it (scripts/page-documents.ts), of its last builds. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { log } from '../log.ts';

const Manifest = z.object({
  builds: z.array(
    z.object({ madeAt: z.string(), documents: z.record(z.string().regex(/^[0-9a-f]{64}$/), z.string()) }),
  ),
});

const FILE = join(import.meta.dirname, '../../web/dist/.documents.json');

export type KnownDocuments = ReadonlyMap<string, string>;

/** Empty where the page is not built. */
export function readKnownDocuments(file = FILE): KnownDocuments {
  try {
    const { builds } = Manifest.parse(JSON.parse(readFileSync(file, 'utf8')));
    return new Map(builds.flatMap(({ documents }) => Object.entries(documents)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn({ error }, 'The page’s documents could not be read');
    return new Map();
  }
}

export function hashOfDocument(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
