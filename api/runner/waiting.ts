/** Runs that wait to be performed by whichever node takes them. */
import { db } from '../database/db.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { settleRunIfPossible } from './settle.ts';

/** Those that have waited for so long and whose turn it is, the oldest first. Of a room the first in its queue, while no other run of it goes on. */
export async function idsOfWaiting(waitedMs: number): Promise<string[]> {
  const waiting = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM run
    WHERE status = 'QUEUED' AND created_at <= now() - ${waitedMs}::float8 * interval '1 millisecond'
      AND (message_id IS NOT NULL OR NOT EXISTS (
        SELECT FROM run before WHERE before.chat_id = run.chat_id AND before.provider <> 'EXTERNAL'
          AND (before.status = 'RUNNING' OR before.status = 'QUEUED' AND before.revision < run.revision)))
    ORDER BY created_at`;
  return waiting.map(({ id }) => id);
}

/** Ends queued runs with a stop request. */
export async function stopUnwantedWaiting(which: Prisma.RunWhereInput = {}): Promise<void> {
  const unwanted = await db.run.findMany({
    where: { ...which, status: 'QUEUED', stopRequestedAt: { not: null } },
  });
  for (const run of unwanted) await settleRunIfPossible(run, null, { status: 'STOPPED', parts: [] });
}
