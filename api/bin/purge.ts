import { write } from '../database/write.ts';
import { env } from '../env.ts';
import { log } from '../log.ts';
import { repeat, type Repetition } from '../nodes/repeat.ts';

const EVERY_MS = 3_600_000;

/** Small, so that no request waits for a large one. */
const BATCH = 20;

/** Deletes chats for good that have been in the bin for PURGE_AFTER_DAYS. */
export function startPurging(): Repetition {
  return repeat('purging deleted chats', EVERY_MS, () => purgeDeletedChats(env.PURGE_AFTER_DAYS));
}

/**
 * Deletes chats with all that is in them. One that is being restored is not waited for, and one with a run that has not ended is left
 * for the next time: deleting the chat asked its run to stop. Open lists are notified. Resolves to their number.
 */
export async function purgeDeletedChats(afterDays: number): Promise<number> {
  let count = 0;
  for (let purged = BATCH; purged === BATCH; count += purged) purged = await purgeSome(afterDays);
  if (count > 0) log.info({ count }, 'Chats that were deleted long ago are purged');
  return count;
}

function purgeSome(afterDays: number): Promise<number> {
  return write({ server: 'purge' }, async ({ tx, announce }) => {
    const gone = await tx.$queryRaw<{ id: string; revision: number }[]>`
      WITH old AS MATERIALIZED (
        SELECT id FROM chat
        WHERE deleted_at <= now() - ${afterDays}::int * interval '1 day'
        AND NOT EXISTS (SELECT FROM run WHERE run.chat_id = chat.id AND run.status IN ('QUEUED', 'RUNNING'))
        LIMIT ${BATCH}::int FOR UPDATE SKIP LOCKED
      )
      DELETE FROM chat USING old WHERE chat.id = old.id
      RETURNING chat.id::text, chat.revision + 1 AS revision`;
    for (const { id, revision } of gone) announce('chatChanged', id, revision);
    return gone.length;
  });
}
