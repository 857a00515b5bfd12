/** Writes down which documents the page sends, so that a server can refuse all others (api/graphql/known-documents.ts). */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { formatDocument, stringifyDocument } from '@urql/core';
import type { DocumentNode } from 'graphql';
import type { Plugin } from 'vite';

interface Build {
  madeAt: string;
  /** Texts by their SHA-256 in hexadecimal. */
  documents: Record<string, string>;
}

export interface Manifest {
  /** The newest first. */
  builds: Build[];
}

/** A tab that was opened before a deploy goes on. */
const KEPT_BUILDS = 3;

/** For vite.config.ts. */
export function pageDocuments(): Plugin {
  let file = '';
  let before: Manifest = { builds: [] };
  return {
    name: 'page-documents',
    apply: 'build',
    configResolved({ root, build }) {
      file = join(root, build.outDir, '.documents.json');
      // The folder is emptied later.
      before = readManifest(file);
    },
    async closeBundle() {
      const generated: Record<string, unknown> = await import(
        new URL('../web/generated/graphql.ts', import.meta.url).href
      );
      const documents = documentsIn(generated);
      writeFileSync(file, JSON.stringify(withBuild(before, { madeAt: new Date().toISOString(), documents })));
    },
  };
}

/** Of what codegen made: each document as it is sent with and without the names of types that the cache asks for. */
export function documentsIn(generated: Record<string, unknown>): Record<string, string> {
  const texts = Object.values(generated)
    .filter(isDocument)
    .flatMap((document) => [document, formatDocument(document) as DocumentNode])
    .map((document) => stringifyDocument(document));
  return Object.fromEntries(texts.map((text) => [createHash('sha256').update(text).digest('hex'), text]));
}

/** A build with the same documents takes the place of the one before. */
export function withBuild({ builds }: Manifest, build: Build): Manifest {
  const keys = Object.keys(build.documents).toSorted().join();
  const older = builds.filter(({ documents }) => Object.keys(documents).toSorted().join() !== keys);
  return { builds: [build, ...older].slice(0, KEPT_BUILDS) };
}

function readManifest(file: string): Manifest {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch {
    return { builds: [] };
  }
}

function isDocument(value: unknown): value is DocumentNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Document';
}
