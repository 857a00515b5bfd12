/** Whether the files of the change log lead to the rows that the database has, on whichever node they were written. */
import { existsSync } from 'node:fs';

import { expect } from 'vitest';

import { type Connection, connectServer } from '../api/changelog/recovery/connection.ts';
import { replay } from '../api/changelog/recovery/replay.ts';
import { differences, stateHashes } from '../api/changelog/recovery/state-hashes.ts';
import { temporaryTarget } from '../api/changelog/recovery/target.ts';
import { verify } from '../api/changelog/recovery/verify.ts';
import type { Cluster } from '../api/testing/cluster.ts';

/** The nodes must be at rest. Resolves to how often the lease was taken. */
export async function changelogAgrees(cluster: Cluster): Promise<number> {
  const waiting = `
    SELECT xid FROM change_entry WHERE seq > (SELECT done_seq FROM changelog_state)
    GROUP BY xid HAVING NOT EXISTS (SELECT FROM change_commit WHERE last_seq = max(seq))`;
  await expect.poll(() => cluster.query(waiting), { timeout: 60_000 }).toEqual([]);
  const directories = cluster.changelogs.filter((directory) => existsSync(directory));
  const { problems } = await verify(directories);
  expect(problems).toEqual([]);
  await using target = await temporaryTarget();
  await replay(directories, target);
  const connection = await connectServer(cluster.postgres.url);
  try {
    const found = differences(await stateHashes(connection), await stateHashes(target.connection));
    for (const { table } of found) console.log(table, await differingRows(table, connection, target.connection));
    expect(found).toEqual([]);
  } finally {
    await connection.close();
  }
  const [state] = await cluster.query<{ epoch: number }>('SELECT epoch FROM changelog_state');
  return state?.epoch ?? 0;
}

/** Rows of a table that only one of two databases has as they are, with what the first one captured of them. */
async function differingRows(table: string, ours: Connection, theirs: Connection): Promise<string> {
  const rowsOf = async (reader: Connection) => {
    const rows = await reader.$queryRawUnsafe<{ row: string }[]>(`SELECT to_jsonb(t.*)::text AS row FROM "${table}" t`);
    return new Set(rows.map(({ row }) => row));
  };
  const [inDatabase, inFiles] = [await rowsOf(ours), await rowsOf(theirs)];
  const onlyIn = (rows: Set<string>, others: Set<string>) => [...rows].filter((row) => !others.has(row));
  const differing = [...onlyIn(inDatabase, inFiles), ...onlyIn(inFiles, inDatabase)];
  const ids = differing.map((row) => (JSON.parse(row) as { id?: string }).id ?? '');
  const captured = await ours.$queryRawUnsafe(
    `SELECT e.seq::text, e.xid::text, e.operation::text, e.actor, e.before::text, e.after::text, c.number::text,
      s.done_seq::text, s.epoch
    FROM changelog_state s, change_entry e LEFT JOIN change_commit c ON c.xid = e.xid AND e.seq BETWEEN c.first_seq AND c.last_seq
    WHERE e.relation = $1 AND coalesce(e.after, e.before) ->> 'id' = ANY ($2::text[]) ORDER BY e.seq`,
    table,
    ids,
  );
  return JSON.stringify(
    { inDatabase: onlyIn(inDatabase, inFiles), inFiles: onlyIn(inFiles, inDatabase), captured },
    null,
    1,
  );
}
