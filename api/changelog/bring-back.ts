/** Transactions that are in the files and were lost by the database: they are applied to it again. */
import { db } from '../database/db.ts';
import { ofTransaction } from './recovery/connection.ts';
import { baseBefore, openLog } from './recovery/log.ts';
import type { Piece } from './recovery/read-chain.ts';
import { readLog } from './recovery/read-log.ts';
import { replayInto, replaySettings } from './recovery/replay-into.ts';

/** So long it may take. */
const LONGEST_MS = 3_600_000;

/**
 * Applies what comes after this transaction, in one transaction of the database in which no trigger fires. Throws a `LogError` where a
 * statement does not fit or a file is damaged: then nothing is changed.
 */
export async function bringBack(folder: string, afterCommit: number): Promise<void> {
  const notice = () => undefined;
  const files = await openLog([folder], notice);
  // eslint-disable-next-line no-restricted-properties -- No trigger fires, so that no actor is needed.
  await db.$transaction(
    async (tx) => {
      const connection = ofTransaction(tx);
      await connection.run(replaySettings);
      await replayInto(connection, after(afterCommit, readLog(files, baseBefore(files, null), notice)));
    },
    { timeout: LONGEST_MS, maxWait: 60_000 },
  );
}

async function* after(commit: number, pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  let isWanted = false;
  for await (const piece of pieces) {
    if (piece.what === 'base') isWanted = false;
    if (piece.what === 'transaction') isWanted = piece.header.commit > commit;
    if (isWanted) yield piece;
  }
}
