/** Whether the files of the change log lead to the rows that the database has, whoever of the nodes wrote them. */
import { expect } from 'vitest';

import { connectServer } from '../api/changelog/recovery/connection.ts';
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
  const { problems } = await verify([cluster.changelog]);
  expect(problems).toEqual([]);
  await using target = await temporaryTarget();
  await replay([cluster.changelog], target);
  const connection = await connectServer(cluster.postgres.url);
  try {
    expect(differences(await stateHashes(connection), await stateHashes(target.connection))).toEqual([]);
  } finally {
    await connection.close();
  }
  const [state] = await cluster.query<{ epoch: number }>('SELECT epoch FROM changelog_state');
  return state?.epoch ?? 0;
}
