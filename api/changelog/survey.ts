/** What lies in the directory when this node takes the lease, compared with how far the database says that the files reach. */
import { join } from 'node:path';

import { db } from '../database/db.ts';
import { type ListedFile, listFiles } from './directory.ts';
import { CommitHeader, parseHeader } from './format.ts';
import { readLines } from './recovery/lines.ts';
import { LogError } from './recovery/log-error.ts';
import type { State } from './state.ts';

export interface Directory {
  readonly isEmpty: boolean;
  /** The highest number in it, or that the database has ever given; 0: none. */
  readonly lastCommit: number;
  /** Whether the file that the database names is missing, or does not hold the transaction that it names. */
  readonly isDamaged: boolean;
  /** Transactions after the database's last one that were committed once, and are not in the database. */
  readonly missing: readonly CommitHeader[];
  /** The end of the chain of secrets after those; null: as the database has it. */
  readonly secretsHash: string | null;
  /** Whether the database has transactions of its own that are in no file. */
  readonly hasOwn: boolean;
}

export async function surveyDirectory(folder: string, directoryId: string, state: State): Promise<Directory> {
  const files = await listFiles(folder);
  const before = (kind: ListedFile['kind']) => files.filter((file) => file.kind === kind && file.epoch < state.epoch);
  // Where nothing is compared, the end of the last file is enough.
  const known = state.commit ?? Math.max(0, ...before('changes').map(({ commit }) => commit - 1));
  const tail = await readTail(folder, before('changes'), known);
  const secrets = await readTail(folder, before('secrets-changes'), known);
  const lastBase = Math.max(0, ...files.filter(({ kind }) => kind === 'base').map(({ commit }) => commit));
  const { missing, hasOwn } = state.commit === null ? { missing: [], hasOwn: false } : await compare(tail, state);
  return {
    isEmpty: files.length === 0,
    lastCommit: Math.max(known, await lastNumbered(), lastBase, state.removedUntil, tail.at(-1)?.commit ?? 0),
    isDamaged: state.directoryId === directoryId && !(await holdsCursor(folder, files, state)),
    missing,
    secretsHash: secrets.at(-1)?.sha256 ?? null,
    hasOwn,
  };
}

async function lastNumbered(): Promise<number> {
  const [last] = await db.$queryRaw<
    { number: number | null }[]
  >`SELECT max(number)::float8 AS number FROM change_commit`;
  return last?.number ?? 0;
}

/** The headers of the transactions after `known`, without those that a later epoch's file replaced. */
async function readTail(folder: string, changes: readonly ListedFile[], known: number): Promise<CommitHeader[]> {
  const tail = new Map<number, CommitHeader>();
  for (const [place, file] of changes.entries()) {
    const next = changes[place + 1];
    // Files that end before: another one of the same epoch follows, which begins at or before the one that is looked for.
    if (next && next.epoch === file.epoch && next.commit <= known + 1) continue;
    for (const commit of tail.keys()) if (commit >= file.commit) tail.delete(commit);
    for await (const header of readHeaders(folder, file)) if (header.commit > known) tail.set(header.commit, header);
  }
  return [...tail.values()].toSorted((one, other) => one.commit - other.commit);
}

/** Of whole transactions: a header whose last line is missing is left out. A file that is damaged ends where it is. */
async function* readHeaders(folder: string, file: ListedFile): AsyncGenerator<CommitHeader> {
  let header: CommitHeader | null = null;
  try {
    for await (const lines of readLines({ path: join(folder, file.name), isCompressed: file.isCompressed }))
      for (const { bytes } of lines) {
        if (bytes.subarray(0, OPENING.length).equals(OPENING))
          header = CommitHeader.safeParse(parseHeader(bytes.toString())?.fields).data ?? null;
        else if (header && bytes.equals(END)) {
          yield header;
          header = null;
        }
      }
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
  }
}

const OPENING = Buffer.from('-- {');
const END = Buffer.from('COMMIT;\n');

async function holdsCursor(
  folder: string,
  files: readonly ListedFile[],
  { file, commit, hash }: State,
): Promise<boolean> {
  if (commit === null || !file) return true;
  const found = files.find(({ name }) => name === file || name === `${file}.gz`);
  if (!found) return false;
  if (found.kind === 'base') return true;
  for await (const header of readHeaders(folder, found)) if (header.commit === commit) return header.sha256 === hash;
  return false;
}

/** A writer that was killed leaves transactions in its file that wait in the database still; those that do not wait there were lost. */
async function compare(tail: readonly CommitHeader[], { doneSeq }: State) {
  const waiting = await db.$queryRaw<{ xid: number; seq: number; at: string }[]>`
    SELECT xid::float8, max(seq)::float8 AS seq, to_char(began AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
    FROM change_entry e WHERE seq > ${doneSeq}::bigint
    GROUP BY xid, began HAVING NOT EXISTS (SELECT FROM change_commit c WHERE c.last_seq = max(e.seq))`;
  const keyOf = ({ xid, seq, at }: { xid: number; seq: number; at: string }) => `${xid} ${seq} ${at}`;
  const [there, written] = [new Set(waiting.map(keyOf)), new Set(tail.map(keyOf))];
  return {
    missing: tail.filter((header) => !there.has(keyOf(header))),
    hasOwn: waiting.some((each) => !written.has(keyOf(each))),
  };
}
