/** Whether the files lead to what is in the database: they are replayed beside it, in memory. */
import type { Tx } from '../../database/db.ts';
import type { Until } from './log.ts';
import { LogError } from './log-error.ts';
import { replay, type ReplayOptions } from './replay.ts';
import { stateHashes, type TableState } from './state-hashes.ts';
import { temporaryTarget } from './target.ts';

export interface Comparison {
  readonly table: string;
  readonly inDatabase: TableState;
  readonly inFiles: TableState;
}

/** A server that runs has changes which its appender is about to write. */
export class NotYetWritten extends LogError {
  override name = 'NotYetWritten';

  constructor(count: number) {
    super(`${count} changes in the database are in no file yet: try again, or stop the server first`);
  }
}

type Reader = Pick<Tx, '$queryRaw' | '$queryRawUnsafe'>;

/** `reader` is to be in a transaction that sees one state. Throws a `LogError` where the replay stops. */
export async function compareWith(
  reader: Reader,
  directories: readonly string[],
  options: ReplayOptions,
): Promise<Comparison[]> {
  const until = await positionOf(reader);
  const database = await stateHashes(reader);
  await using target = await temporaryTarget();
  await replay(directories, target, { ...options, until });
  const files = await stateHashes(target.connection);
  return [...database].map(([table, inDatabase]) => ({
    table,
    inDatabase,
    inFiles: files.get(table) ?? { rows: 0, hash: '' },
  }));
}

/** How far the files are to be replayed. */
async function positionOf(reader: Reader): Promise<Until> {
  const [state] = await reader.$queryRaw<{ commit: number | null; waiting: number }[]>`
    SELECT s."commit"::float8 AS "commit",
      (SELECT count(*)::int FROM change_entry e WHERE e.seq > s.done_seq
        AND NOT EXISTS (SELECT FROM change_commit c WHERE e.seq BETWEEN c.first_seq AND c.last_seq AND c.xid = e.xid)) AS waiting
    FROM changelog_state s`;
  if (!state || state.commit === null) throw new LogError('The database has no log yet: start the server once');
  if (state.waiting > 0) throw new NotYetWritten(state.waiting);
  return { commit: state.commit };
}
