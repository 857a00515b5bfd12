/** The newest transactions of the files, and those that come. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { CommitHeader } from '../format.ts';
import { isBase } from './files.ts';
import { openLog } from './log.ts';
import { readChain } from './read-chain.ts';
import { readStatement, type StatementText } from './statement-text.ts';

export interface TailedTransaction {
  readonly header: CommitHeader;
  readonly statements: readonly StatementText[];
  /** How many more there are. */
  readonly others: number;
}

export interface TailOptions {
  /** How many of those that are there. */
  readonly count: number;
  readonly table?: string | undefined;
  /** A part of it: `USER`, or an id. */
  readonly actor?: string | undefined;
  /** Ends with the signal; left out: with what is there. */
  readonly follow?: { readonly signal: AbortSignal; readonly pollMs: number };
}

/** Of a transaction; the rest is counted. */
const MOST_STATEMENTS = 20;

const ignore = () => undefined;

/** Throws a `LogError` at what does not fit. */
export async function* tail(directories: readonly string[], options: TailOptions): AsyncGenerator<TailedTransaction> {
  let seen = await sizesOf(directories);
  const { told, ...there } = await newest(directories, options);
  yield* told;
  const { follow } = options;
  if (!follow) return;
  let { last } = there;
  while (!follow.signal.aborted) {
    const sizes = await sizesOf(directories);
    if (sizes !== seen) {
      seen = sizes;
      for await (const told of readFrom(directories, last, options)) {
        last = told.header.commit;
        if (matches(told, options)) yield told;
      }
    }
    await delay(follow.pollMs, undefined, { signal: follow.signal }).catch(ignore);
  }
}

/** Whether anything is new. */
async function sizesOf(directories: readonly string[]): Promise<string> {
  const sizes: string[] = [];
  for (const directory of directories) {
    const names = await readdir(directory).catch(() => []);
    for (const name of names.filter((name) => name.startsWith('changes-')))
      sizes.push(
        `${name}:${await stat(join(directory, name)).then(
          ({ size }) => size,
          () => 0,
        )}`,
      );
  }
  return sizes.sort((one, other) => one.localeCompare(other)).join(',');
}

/** From as many files as it takes. `last`: of all that are there. */
async function newest(
  directories: readonly string[],
  options: TailOptions,
): Promise<{ told: TailedTransaction[]; last: number }> {
  const log = await openLog(directories, ignore);
  let found: TailedTransaction[] = [];
  let last = 0;
  for (const file of log.main.filter((file) => !isBase(file)).toReversed()) {
    const earlier: TailedTransaction[] = [];
    for await (const told of transactionsOf(readChain({ ...log, main: [file] }, 'main', null, ignore), options)) {
      last = Math.max(last, told.header.commit);
      if (matches(told, options)) earlier.push(told);
    }
    found = [...earlier, ...found].slice(-options.count);
    if (found.length === options.count) break;
  }
  return { told: found, last };
}

/** From the file on that holds what comes after it. */
async function* readFrom(
  directories: readonly string[],
  after: number,
  filter: Filter,
): AsyncGenerator<TailedTransaction> {
  const log = await openLog(directories, ignore);
  const files = log.main.filter((file) => !isBase(file));
  const from = files.findLast(({ commit }) => commit <= after + 1) ?? files[0] ?? null;
  for await (const told of transactionsOf(readChain(log, 'main', from, ignore), filter))
    if (told.header.commit > after) yield told;
}

type Filter = Pick<TailOptions, 'table' | 'actor'>;

async function* transactionsOf(
  pieces: ReturnType<typeof readChain>,
  { table }: Filter,
): AsyncGenerator<TailedTransaction> {
  let header: CommitHeader | null = null;
  let statements: StatementText[] = [];
  let others = 0;
  for await (const piece of pieces) {
    if (piece.what === 'transaction') [header, statements, others] = [piece.header, [], 0];
    if (piece.what === 'statements')
      for (const { bytes } of piece.lines) {
        const statement = statements.length < MOST_STATEMENTS ? readStatement(bytes.toString()) : null;
        if (!statement) others += 1;
        else if (table === undefined || statement.table === table) statements.push(statement);
      }
    if (piece.what === 'end' && header) yield { header, statements, others };
  }
}

function matches({ header, statements }: TailedTransaction, { table, actor }: Filter): boolean {
  if (table !== undefined && statements.length === 0) return false;
  return actor === undefined || header.actor.includes(actor);
}
