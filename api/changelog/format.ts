/** Lines and names of the files, as docs/changelog-format.md has them: what the appender writes and a replay reads. */
import { createHash } from 'node:crypto';

import { z } from 'zod';

export const fileKinds = ['changes', 'secrets-changes', 'base', 'secrets-base'] as const;
export type FileKind = (typeof fileKinds)[number];

export interface FileName {
  readonly kind: FileKind;
  /** The first transaction of a file of changes, the last one that is in a base. */
  readonly commit: number;
  readonly epoch: number;
  readonly isCompressed: boolean;
}

export function fileName(kind: FileKind, commit: number, epoch: number): string {
  return `${kind}-${digits(commit, 12)}-${digits(epoch, 6)}.sql`;
}

const digits = (number: number, length: number) => String(number).padStart(length, '0');

/** Null for what is not of ours. */
export function parseFileName(name: string): FileName | null {
  const found = /^(changes|secrets-changes|base|secrets-base)-(\d{12})-(\d{6})\.sql(\.gz)?$/.exec(name);
  if (!found) return null;
  return {
    kind: found[1] as FileKind,
    commit: Number(found[2]),
    epoch: Number(found[3]),
    isCompressed: found[4] !== undefined,
  };
}

/** Behind the head of every file: what `psql` needs to run the rest. */
export const settings = [
  `SET client_encoding = 'UTF8';`,
  'SET standard_conforming_strings = on;',
  'SET session_replication_role = replica;',
]
  .map((line) => `${line}\n`)
  .join('');

const sha256 = z.string().regex(/^[\da-f]{64}$/);
/** Of a chain that has no transaction yet. */
const link = z.union([sha256, z.literal('')]);
const number = z.int().min(0);

export const baseReasons = ['NEW', 'BRANCH', 'ASKED', 'ERASED', 'DAMAGED'] as const;
export type BaseReason = (typeof baseReasons)[number];

const opening = { confab: z.string(), chain: z.string(), epoch: number, migration: z.string(), sha256 };

export const ChangesHead = z.object({
  ...opening,
  kind: z.enum(['changes', 'secrets-changes']),
  first: number,
  previous: link,
  /** The log was turned off here: the next chain begins with a base. */
  off: z.literal(true).optional(),
});

export const BaseHead = z.object({
  ...opening,
  kind: z.enum(['base', 'secrets-base']),
  commit: number,
  at: z.string(),
  why: z.enum(baseReasons),
  /** What `previous` of the next transaction is; left out where that is this head's own `sha256`. */
  continues: link.optional(),
  branch: z.object({ after: number, until: number }).optional(),
});

export const CommitHeader = z.object({
  commit: number,
  xid: number,
  seq: number,
  /** When the transaction began, with microseconds, in UTC. */
  at: z.string(),
  actor: z.string(),
  request: z.string().optional(),
  entries: number,
  secrets: z.literal(true).optional(),
  migration: z.object({ name: z.string(), checksum: z.string() }).optional(),
  previous: link,
  sha256,
});

export const BaseEnd = z.object({ rows: z.record(z.string(), number), sha256 });

export type ChangesHead = z.infer<typeof ChangesHead>;
export type BaseHead = z.infer<typeof BaseHead>;
export type CommitHeader = z.infer<typeof CommitHeader>;
export type BaseEnd = z.infer<typeof BaseEnd>;

/** A SHA-256 over text in pieces. */
export class Digest {
  readonly #hash = createHash('sha256');

  update(text: string): this {
    this.#hash.update(text);
    return this;
  }

  hex(): string {
    return this.#hash.digest('hex');
  }
}

/** A header as a line. `digestOf` is given the JSON without `sha256` and returns that. */
export function headerLine(fields: object, digestOf: (json: string) => string): { line: string; sha256: string } {
  const json = JSON.stringify(fields);
  const hash = digestOf(json);
  return { line: `-- ${json.slice(0, -1)},"sha256":"${hash}"}\n`, sha256: hash };
}

/** Of a head, which stands for itself. */
export const digestOfHead = (json: string) => new Digest().update(json).hex();

/** Of a transaction: its header and its lines from `BEGIN;` to `COMMIT;`. */
export const digestOfCommit = (body: string) => (json: string) =>
  new Digest().update(json).update('\n').update(body).hex();

export interface HeaderParts {
  /** The header's JSON without `sha256`: what the digest begins with. */
  json: string;
  /** All fields. */
  fields: unknown;
}

/** Null for a line that is no header, or none that a digest can be checked of. */
export function parseHeader(line: string): HeaderParts | null {
  const found = /^-- (\{.*),"sha256":"[\da-f]{64}"\}\n?$/.exec(line);
  if (!found) return null;
  try {
    return { json: `${found[1]}}`, fields: JSON.parse(line.slice(3)) as unknown };
  } catch {
    return null;
  }
}
