/** What tests of the change log share: waiting until all is written, and the comparison of a replay with the database. */
import { expect } from 'vitest';

import type { Until } from '../changelog/recovery/log.ts';
import { replay } from '../changelog/recovery/replay.ts';
import { differences, stateHashes, type TableState } from '../changelog/recovery/state-hashes.ts';
import { verify } from '../changelog/recovery/verify.ts';
import { readLag } from '../changelog/state.ts';
import { db } from '../database/db.ts';
import { anotherDatabase } from './databases.ts';

/** Until every transaction that is committed is in a file. */
export async function allWritten(): Promise<void> {
  await expect.poll(async () => (await readLag()).commits).toBe(0);
}

/** The files are whole and in order, and lead to these rows. Without `state`: to those of the database as it is now. */
export async function expectReplay(
  folders: string | string[],
  { until = null, state }: { until?: Until | null; state?: ReadonlyMap<string, TableState> } = {},
): Promise<void> {
  const directories = [folders].flat();
  if (!state) await allWritten();
  const { problems } = await verify(directories);
  expect(problems).toEqual([]);
  await using target = await anotherDatabase();
  await replay(directories, target, { until });
  expect(differences(state ?? (await stateHashes(db)), await stateHashes(target.connection))).toEqual([]);
}
