/** Transactions that are in the files and were lost by the database: they are applied to it again. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

import { db, type Tx } from '../database/db.ts';
import { listFiles } from './directory.ts';
import { CommitHeader, parseHeader } from './format.ts';

/** So long it may take. */
const LONGEST_MS = 3_600_000;

/**
 * Applies these transactions, of the main files and of the secrets files, in one transaction of the database in which no trigger fires.
 * Resolves to where the chains are after them. Throws where a statement does not touch exactly one row: then nothing is changed.
 */
export async function bringBack(
  folder: string,
  missing: readonly CommitHeader[],
): Promise<{ secretsHash: string | null }> {
  const wanted = new Map(missing.map((header) => [header.commit, header.sha256]));
  let secretsHash: string | null = null;
  // eslint-disable-next-line no-restricted-properties -- No trigger fires, so that nobody asks for the actor.
  await db.$transaction(
    async (tx) => {
      await tx.$executeRawUnsafe('SET LOCAL session_replication_role = replica');
      for (const { name, kind } of await listFiles(folder)) {
        if (kind === 'changes')
          await apply(tx, join(folder, name), (header) => wanted.get(header.commit) === header.sha256);
        if (kind === 'secrets-changes')
          await apply(tx, join(folder, name), (header) => {
            const isWanted = missing.some(
              ({ commit, xid, seq }) => commit === header.commit && xid === header.xid && seq === header.seq,
            );
            if (isWanted) secretsHash = header.sha256;
            return isWanted;
          });
      }
    },
    { timeout: LONGEST_MS, maxWait: 60_000 },
  );
  return { secretsHash };
}

async function apply(tx: Tx, path: string, isWanted: (header: CommitHeader) => boolean): Promise<void> {
  const bytes = createReadStream(path);
  const input = path.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  let commit: number | null = null;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.startsWith('-- {')) {
      const header = CommitHeader.safeParse(parseHeader(line)?.fields).data;
      commit = header && isWanted(header) ? header.commit : null;
    } else if (commit !== null && line !== 'BEGIN;' && line !== 'COMMIT;') {
      const count = await tx.$executeRawUnsafe(line);
      if (count !== 1) throw new Error(`A statement of transaction ${commit} touched ${count} rows instead of one.`);
    }
  }
}
