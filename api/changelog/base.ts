/** All rows of the database as SQL, as they are after one transaction: what a replay begins with. */
import { link, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { db, type Tx } from '../database/db.ts';
import { version } from '../operations/version.ts';
import { secretTables } from './capture.ts';
import { syncDirectory } from './directory.ts';
import { type BaseHead, Digest, digestOfHead, fileName, headerLine, settings } from './format.ts';
import { parseRow } from './rows.ts';
import { statementOf } from './statement.ts';
import { readTables, type Table } from './tables.ts';

/** Rows of a table that are read at once. */
const ROWS = 200;

/** So long a base may take: it reads everything. */
const LONGEST_MS = 6 * 3_600_000;

/**
 * Runs `work` on a snapshot of the database with no transaction in progress: all that have drawn a number for an entry have committed before it.
 * On a server, writers wait only while the snapshot is taken; on an embedded database, which has one connection, until `work` is done.
 */
export async function inSnapshot<T>(isEmbedded: boolean, work: (tx: Tx) => Promise<T>): Promise<T> {
  const options = { isolationLevel: 'RepeatableRead', timeout: LONGEST_MS, maxWait: 60_000 } as const;
  // eslint-disable-next-line no-restricted-properties -- It only reads, and a read has no actor.
  if (isEmbedded) return db.$transaction(work, options);
  // It has its connection before anybody waits for the lock: writers that wait may have all others.
  // eslint-disable-next-line no-restricted-properties -- As above.
  return db.$transaction(async (tx) => {
    // eslint-disable-next-line no-restricted-properties -- As above.
    await db.$transaction(
      async (locking) => {
        await locking.$executeRaw`SET LOCAL lock_timeout = '10s'`;
        // Before the first snapshot of this transaction, which is to see all that the lock waited for.
        await locking.$executeRaw`LOCK TABLE change_entry IN SHARE MODE`;
        const [exported] = await locking.$queryRaw<{ id: string }[]>`SELECT pg_export_snapshot() AS id`;
        await tx.$executeRawUnsafe(`SET TRANSACTION SNAPSHOT '${exported?.id ?? ''}'`);
      },
      { timeout: 60_000, maxWait: 60_000 },
    );
    await tx.$executeRaw`SET LOCAL idle_in_transaction_session_timeout = 0`;
    return work(tx);
  }, options);
}

export type BaseFields = Omit<BaseHead, 'confab' | 'sha256' | 'kind' | 'continues'>;

/** The files of a base that are written whole, under names that do not count yet. */
export interface UnfinishedBase {
  /** Of the heads. */
  readonly hash: string;
  readonly secretsHash: string;
  /** Gives them their names. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

/** `continues`: where the chains go on; null: new chains begin. */
export async function writeBase(
  tx: Tx,
  folder: string,
  fields: BaseFields,
  continues: { hash: string; secretsHash: string } | null,
): Promise<UnfinishedBase> {
  const tables = [...(await readTables(tx)).values()];
  const main = tables.filter(({ name }) => !secretTables.has(name));
  const secrets = tables.filter(({ name }) => secretTables.has(name));
  const written = [
    await writeRows(tx, folder, { ...fields, kind: 'base', ...(continues && { continues: continues.hash }) }, main),
    await writeRows(
      tx,
      folder,
      { ...fields, kind: 'secrets-base', ...(continues && { continues: continues.secretsHash }) },
      secrets,
    ),
  ] as const;
  return {
    hash: written[0].sha256,
    secretsHash: written[1].sha256,
    async publish() {
      // The main one last: it is what says that there is a base.
      for (const { path } of written.toReversed()) {
        // A link fails where there is such a file, and a rename would replace it.
        await link(`${path}.tmp`, path);
        await rm(`${path}.tmp`);
      }
      await syncDirectory(folder);
    },
    async discard() {
      for (const { path } of written) await rm(`${path}.tmp`, { force: true });
    },
  };
}

async function writeRows(
  tx: Tx,
  folder: string,
  fields: Omit<BaseHead, 'confab' | 'sha256'>,
  tables: readonly Table[],
) {
  const path = join(folder, fileName(fields.kind, fields.commit, fields.epoch));
  const file = await open(`${path}.tmp`, 'w', 0o600);
  const digest = new Digest();
  const rows: Record<string, number> = {};
  const append = async (text: string) => {
    digest.update(text);
    await file.appendFile(text);
  };
  try {
    const { line, sha256 } = headerLine({ confab: version, ...fields }, digestOfHead);
    await append(`${line}${settings}BEGIN;\n`);
    for (const table of tables) {
      rows[table.name] = 0;
      for await (const lines of linesOf(tx, table)) {
        rows[table.name] = (rows[table.name] ?? 0) + lines.length;
        await append(lines.join(''));
      }
    }
    await append('COMMIT;\n');
    const end = headerLine({ rows }, (json) => digest.update('\n').update(json).hex());
    await file.appendFile(end.line);
    await file.sync();
    return { path, sha256 };
  } catch (error) {
    // On a full disk each try would else leave one more.
    await rm(`${path}.tmp`, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function* linesOf(tx: Tx, table: Table): AsyncGenerator<string[]> {
  await tx.$executeRawUnsafe(
    `DECLARE base_rows NO SCROLL CURSOR FOR SELECT to_jsonb(t.*)::text AS row FROM "${table.name.replaceAll('"', '""')}" t`,
  );
  for (;;) {
    const rows = await tx.$queryRawUnsafe<{ row: string }[]>(`FETCH ${ROWS} FROM base_rows`);
    if (rows.length === 0) break;
    yield rows.map(({ row }) => `${statementOf(table, { before: null, after: parseRow(row) })}\n`);
  }
  await tx.$executeRawUnsafe('CLOSE base_rows');
}
