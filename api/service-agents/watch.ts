/**
 * Ends answers of service agents that were stopped, got no words for too long, or of which a recovery restored the run alone.
 * Every node polls; the first one settles.
 */
import pLimit from 'p-limit';

import { bus } from '../bus/bus.ts';
import { changeChatAs } from '../chats/change.ts';
import { db } from '../database/db.ts';
import { write } from '../database/write.ts';
import { env } from '../env.ts';
import { NotFoundError } from '../errors.ts';
import { log } from '../log.ts';
import { repeat, type Repetition } from '../nodes/repeat.ts';
import { type ExternalEnding, settleAnswer, publishEnd } from './settle.ts';
import { Uptime } from './uptime.ts';

const POLL_DUE_MS = 1_000;
/** In one poll, so that others are not kept waiting. */
const MOST_AT_ONCE = 100;
/** No answer takes longer, whatever its service agent says. */
const LONGEST_HOURS = 1;

const inTurn = pLimit(4);

let uptime = new Uptime(performance.now());

/** After a start or an outage, service agents have time to append again. */
function canJudgeSilence(): boolean {
  return uptime.isLongerThan(env.RUN_SILENCE_MS, performance.now());
}

/** What was put back from a copy of the database while the run's end came from the change log. */
export function deleteLeftovers(): Promise<void> {
  const ofEndedRun = { run: { status: { not: 'RUNNING' } } } as const;
  return write({ server: 'service agents' }, async ({ tx }) => {
    await tx.externalAnswer.deleteMany({ where: ofEndedRun });
    await tx.runCheckpoint.deleteMany({ where: ofEndedRun });
  });
}

interface DueAnswer {
  runId: string;
  chatId: string;
  isStopped: boolean;
}

export function watchAnswers(): Repetition {
  let isTidy = false;
  const stopListening = bus.listen('runStopRequested', (runId) => {
    void endDue(runId).catch((error: unknown) => log.warn({ runId, error }, 'Stop failed, retrying'));
  });
  uptime = new Uptime(performance.now());
  const polling = repeat('ending answers of service agents', POLL_DUE_MS, async () => {
    uptime.begin(performance.now());
    if (!isTidy) await deleteLeftovers();
    isTidy = true;
    await endDue(null);
    uptime.complete(performance.now());
  });
  return {
    async stop() {
      stopListening();
      await polling.stop();
    },
  };
}

async function endDue(runId: string | null): Promise<void> {
  const due = await db.$queryRaw<DueAnswer[]>`
    SELECT run.id::text AS "runId", run.chat_id::text AS "chatId", run.stop_requested_at IS NOT NULL AS "isStopped"
    FROM run LEFT JOIN external_answer answer ON answer.run_id = run.id
    WHERE run.status = 'RUNNING' AND run.provider = 'EXTERNAL'
      AND (run.stop_requested_at IS NOT NULL OR answer.run_id IS NULL
        OR ${canJudgeSilence()}::boolean AND answer.appended_at < now() - ${env.RUN_SILENCE_MS}::float8 * interval '1 millisecond'
        OR run.started_at < now() - ${LONGEST_HOURS}::int * interval '1 hour')
      AND (${runId}::uuid IS NULL OR run.id = ${runId}::uuid)
    ORDER BY run.stop_requested_at, run.started_at
    LIMIT ${MOST_AT_ONCE}`;
  await Promise.all(due.map((answer) => inTurn(() => end(answer))));
}

const silence: ExternalEnding = { status: 'INTERRUPTED', failure: 'UPSTREAM_SILENT' };

/** An answer that cannot be ended does not block others, and is tried again. */
async function end({ runId, chatId, isStopped }: DueAnswer): Promise<void> {
  try {
    const settled = await changeChatAs({ server: 'service agents' }, chatId, async (change) => {
      // It may have got words since.
      if (!isStopped && (await hasSpoken(change.tx, runId))) return change.withoutChange(null);
      const ending: ExternalEnding = isStopped ? { status: 'STOPPED' } : silence;
      return (await settleAnswer(change, runId, ending)) ?? change.withoutChange(null);
    });
    if (settled) publishEnd(settled);
  } catch (error) {
    // Its chat was purged meanwhile.
    if (!(error instanceof NotFoundError)) log.error({ runId, error }, 'Ending the answer of a service agent failed');
  }
}

/** Lately, in an answer that may go on. */
async function hasSpoken(tx: Pick<typeof db, '$queryRaw'>, runId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT run_id FROM external_answer JOIN run ON run.id = run_id WHERE run_id = ${runId}::uuid
      AND appended_at >= clock_timestamp() - ${env.RUN_SILENCE_MS}::float8 * interval '1 millisecond'
      AND started_at >= now() - ${LONGEST_HOURS}::int * interval '1 hour' FOR UPDATE OF external_answer`;
  return rows.length > 0;
}
