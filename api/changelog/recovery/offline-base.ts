/** A base that stands for closed files, which are then removed: made of the files alone, while the server may be running. */
import { dirname } from 'node:path';

import type { Tx } from '../../database/db.ts';
import { lastMigration } from '../../database/migrate.ts';
import { writeBase } from '../base.ts';
import { removeFilesUntil } from '../directory.ts';
import type { Connection } from './connection.ts';
import { isBase, type LogFile } from './files.ts';
import { type Base, baseBefore, isGivenUp, type Log, microsecondsOf, openLog } from './log.ts';
import { LogError, type Notice } from './log-error.ts';
import { readChain } from './read-chain.ts';
import { readBaseHead, readChangesHead } from './read-file.ts';
import { replay, type ReplayOptions } from './replay.ts';
import { replaySettings } from './replay-into.ts';
import { temporaryTarget } from './target.ts';

export interface OfflineBase {
  /** The last transaction that it has. */
  readonly commit: number;
  readonly at: string;
}

/**
 * `before`: in microseconds. The base has all files that lie wholly before it and are followed by another one. Null where there is none, or
 * a base has them already. Throws a `LogError`, and has then removed nothing.
 */
export async function writeBaseBefore(
  directories: readonly string[],
  before: number,
  options: ReplayOptions = {},
): Promise<OfflineBase | null> {
  const notice = options.notice ?? ignore;
  const log = await openLog(directories, notice);
  const closed = await lastClosed(log, before);
  if (!closed) return null;
  const { file, commit, at } = closed;
  if (log.bases.some(({ head }) => head.commit >= commit)) return null;

  const head = await readChangesHead(file);
  if (!head) throw new LogError('The file has no head', { file: file.path, offset: 0 });
  const from = baseBefore(log, { commit });
  const links = {
    hash: await hashAt(log, 'main', from, commit),
    secretsHash: await hashAt(log, 'secrets', from, commit),
  };
  await using target = await temporaryTarget();
  await replay(directories, target, { ...options, until: { commit } });
  const { connection } = target;
  await connection.run(['BEGIN;', ...replaySettings]);
  const migration = await lastMigration(connection);
  const fields = { chain: head.chain, epoch: file.epoch, commit, migration, at, why: 'ASKED' as const };
  const base = await writeBase(readerOf(connection), dirname(file.path), fields, links);
  await base.publish();
  for (const directory of directories) await removeFilesUntil(directory, commit);
  return { commit, at };
}

const ignore: Notice = () => undefined;

/** The newest that is followed by another; `at`: when the latest of its transactions began. */
async function lastClosed(log: Log, before: number): Promise<{ file: LogFile; commit: number; at: string } | null> {
  let latest = '';
  let found: { file: LogFile; commit: number; at: string } | null = null;
  const files = log.main.filter((file) => !isBase(file));
  const ranges = await rangesOfSecrets(log);
  for (const [index, file] of files.entries()) {
    const next = files[index + 1];
    if (!next) break;
    const commit = next.commit - 1;
    for await (const piece of readChain({ ...log, main: [file] }, 'main', null, ignore))
      if (piece.what === 'transaction' && piece.header.at > latest) latest = piece.header.at;
    if (latest === '' || microsecondsOf(latest) >= before) break;
    const isWithin = ranges.some(({ first, last }) => first <= commit && last > commit);
    if (commit >= file.commit && !isWithin && !isGivenUp(log, file, commit)) found = { file, commit, at: latest };
  }
  return found;
}

/** Files of secrets are longer than those beside them, and one that goes on after the base must not be removed. */
async function rangesOfSecrets(log: Log): Promise<{ first: number; last: number }[]> {
  const ranges: { first: number; last: number }[] = [];
  for (const file of log.secrets.filter((file) => !isBase(file))) {
    let last = 0;
    for await (const piece of readChain({ ...log, secrets: [file] }, 'secrets', null, ignore))
      if (piece.what === 'transaction') last = piece.header.commit;
    ranges.push({ first: file.commit, last });
  }
  return ranges;
}

/** What the next transaction of this kind has as `previous`. */
async function hashAt(log: Log, kind: 'main' | 'secrets', from: Base | null, commit: number): Promise<string> {
  const file = kind === 'main' ? (from?.file ?? null) : (from?.secrets ?? null);
  const head = file && (await readBaseHead(file));
  let hash = head ? (head.continues ?? head.sha256) : '';
  for await (const piece of readChain(log, kind, file, ignore)) {
    if (piece.what !== 'transaction') continue;
    if (piece.header.commit > commit) break;
    hash = piece.header.sha256;
  }
  return hash;
}

/** What the writer of bases uses of a transaction. */
function readerOf(connection: Connection): Tx {
  return {
    ...connection,
    $executeRawUnsafe: async (sql: string) => (await connection.run([sql]))[0] ?? 0,
  } as unknown as Tx;
}
