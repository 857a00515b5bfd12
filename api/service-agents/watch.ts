/** Ends answers of service agents that somebody stopped, or that nobody has written in for too long. Every node looks; the first one settles. */
import { bus } from '../bus/bus.ts';
import { changeChatAs } from '../chats/change.ts';
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { NotFoundError } from '../errors.ts';
import { log } from '../log.ts';
import { repeat, type Repetition } from '../nodes/repeat.ts';
import { type ExternalEnding, settleAnswer, tellEnd } from './settle.ts';

const LOOK_MS = 1_000;
/** In one look, so that the others are not kept waiting. */
const MOST_AT_ONCE = 100;

interface DueAnswer {
  runId: string;
  chatId: string;
  isStopped: boolean;
}

export function watchAnswers(): Repetition {
  const stopListening = bus.listen('runStopRequested', (runId) => {
    void endDue(runId).catch((error: unknown) =>
      log.warn({ runId, error }, 'The answer is stopped with the next look'),
    );
  });
  const looking = repeat('looking for answers of service agents that are to end', LOOK_MS, () => endDue(null));
  return {
    async stop() {
      stopListening();
      await looking.stop();
    },
  };
}

async function endDue(runId: string | null): Promise<void> {
  const due = await db.$queryRaw<DueAnswer[]>`
    SELECT run.id::text AS "runId", run.chat_id::text AS "chatId", run.stop_requested_at IS NOT NULL AS "isStopped"
    FROM external_answer answer JOIN run ON run.id = answer.run_id
    WHERE (run.stop_requested_at IS NOT NULL OR answer.appended_at < now() - ${env.RUN_SILENCE_MS}::float8 * interval '1 millisecond')
      AND (${runId}::uuid IS NULL OR run.id = ${runId}::uuid)
    LIMIT ${MOST_AT_ONCE}`;
  for (const answer of due) await end(answer);
}

const silence: ExternalEnding = { status: 'INTERRUPTED', failure: 'UPSTREAM_SILENT' };

async function end({ runId, chatId, isStopped }: DueAnswer): Promise<void> {
  try {
    const settled = await changeChatAs({ server: 'service agents' }, chatId, async (change) => {
      // It may have gone on since.
      if (!isStopped && !(await isSilent(change.tx, runId))) return change.withoutChange(null);
      return (
        (await settleAnswer(change, runId, isStopped ? { status: 'STOPPED' } : silence)) ?? change.withoutChange(null)
      );
    });
    if (settled) tellEnd(settled);
  } catch (error) {
    // Its chat was purged meanwhile.
    if (!(error instanceof NotFoundError)) throw error;
  }
}

async function isSilent(tx: Pick<typeof db, '$queryRaw'>, runId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT run_id FROM external_answer WHERE run_id = ${runId}::uuid
      AND appended_at < clock_timestamp() - ${env.RUN_SILENCE_MS}::float8 * interval '1 millisecond' FOR UPDATE`;
  return rows.length > 0;
}
