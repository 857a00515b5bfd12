import { db } from '../db.ts';
import { log } from '../log.ts';
import { parseParts } from '../messages/parts.ts';
import { settleRun } from './settle.ts';

/** At start-up: a run that is still running was some dead process's. Its text up to the last checkpoint is kept. */
export async function settleRunsOfTheDead(): Promise<number> {
  const orphans = await db.run.findMany({ where: { status: 'RUNNING' }, include: { checkpoint: true } });
  for (const { checkpoint, ...run } of orphans) {
    await settleRun(run, run.nodeId, {
      status: 'INTERRUPTED',
      failure: 'INTERRUPTED',
      parts: parseParts(checkpoint?.parts ?? []),
    });
  }
  if (orphans.length > 0)
    log.warn({ count: orphans.length }, 'Runs that an earlier process left were settled as interrupted');
  return orphans.length;
}
