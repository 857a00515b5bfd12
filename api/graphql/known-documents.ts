/**
 * The documents of the page, by their SHA-256: a manifest that is made with it (scripts/page-documents.ts), and those of the builds that were
 * served from this data folder before, so that a tab that is open survives a deploy: the image of a container has its own build alone.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { log } from '../log.ts';

const Build = z.object({ madeAt: z.string(), documents: z.record(z.string().regex(/^[0-9a-f]{64}$/), z.string()) });
const Manifest = z.object({ builds: z.array(Build) });
type Build = z.infer<typeof Build>;

const FILE = join(import.meta.dirname, '../../web/dist/.documents.json');
const KEPT_BUILDS = 3;

export type KnownDocuments = ReadonlyMap<string, string>;

let kept: Build[] = [];

/**
 * Adds the builds that were kept in the data folder to those that are known, and writes the newest three there for the next start. A folder that
 * cannot be written is logged: the page works without it.
 */
export function keepKnownDocuments(dataFolder: string, file = FILE): void {
  const keptFile = join(dataFolder, 'page-documents.json');
  const present = readBuilds(file);
  if (present.length === 0) return;
  kept = newest([...present, ...readBuilds(keptFile)]);
  try {
    mkdirSync(dataFolder, { recursive: true });
    // Another node may read it meanwhile.
    const unfinished = `${keptFile}.${process.pid}`;
    writeFileSync(unfinished, JSON.stringify({ builds: kept }), { mode: 0o600 });
    renameSync(unfinished, keptFile);
  } catch (error) {
    log.warn({ error, file: keptFile }, 'Keeping the documents of this build for the next one failed');
  }
}

/** Empty where the page is not built. */
export function readKnownDocuments(file = FILE): KnownDocuments {
  return new Map([...readBuilds(file), ...kept].flatMap(({ documents }) => Object.entries(documents)));
}

export function hashOfDocument(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Each set of documents once. */
function newest(builds: readonly Build[]): Build[] {
  const bySet = Map.groupBy(builds, ({ documents }) => Object.keys(documents).toSorted().join());
  const sets = [...bySet.values()].map((same) => same.toSorted(byTime)[0]).filter((build) => build !== undefined);
  return sets.sort(byTime).slice(0, KEPT_BUILDS);
}

function byTime(one: Build, other: Build): number {
  return other.madeAt.localeCompare(one.madeAt);
}

function readBuilds(file: string): Build[] {
  try {
    return Manifest.parse(JSON.parse(readFileSync(file, 'utf8'))).builds;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn({ error, file }, 'Reading the documents of the page failed');
    return [];
  }
}
