/** The end of an answer that a service agent wrote: by the agent, by a stop, or by this server. */
import type { Change } from '../chats/change.ts';
import type { Tx } from '../database/db.ts';
import type { Run, RunStatus, StopReason } from '../generated/prisma/client.ts';
import { runEnded } from '../operations/metrics.ts';
import type { TokenUsage } from '../providers/provider.ts';
import { runFailure, type RunFailure, type RunFailureCode } from '../runs/failure.ts';
import { partsOfCheckpoints } from '../texts/checkpoint.ts';
import { contentOf, type Part } from '../texts/parts.ts';
import { endText } from '../texts/texts.ts';

export interface ExternalEnding {
  status: Exclude<RunStatus, 'QUEUED' | 'RUNNING'>;
  stopReason?: StopReason;
  failure?: RunFailureCode;
  usage?: TokenUsage | undefined;
  /** As the service agent reports it. */
  model?: string | undefined;
}

/** What was settled: to be published after the commit. */
export interface SettledAnswer {
  run: Run;
  ending: ExternalEnding;
  parts: readonly Part[];
}

/** Keeps others from adding words until the commit. Returns how much is known, in UTF-16 code units; null where the answer is over. */
export async function lockAnswer(tx: Tx, runId: string): Promise<number | null> {
  const [answer] = await tx.$queryRaw<{ length: number }[]>`
    SELECT length FROM external_answer WHERE run_id = ${runId}::uuid FOR UPDATE`;
  return answer?.length ?? null;
}

/** With every word that was acknowledged. Null where it is over already. The chat is locked by the caller. */
export async function settleAnswer(
  { tx, chat, revision, now }: Change,
  runId: string,
  ending: ExternalEnding,
): Promise<SettledAnswer | null> {
  // After a recovery from the change log there is no such row, and no word: both are in no file of it.
  await lockAnswer(tx, runId);
  const running = await tx.run.findUnique({
    where: { id: runId, status: 'RUNNING', provider: 'EXTERNAL' },
    select: { firstTokenAt: true },
  });
  if (!running) return null;
  const { firstTokenAt } = running;
  const parts = partsOfCheckpoints(await tx.runCheckpoint.findMany({ where: { runId } }));
  const { status, stopReason, failure, usage, model } = ending;
  const run = await tx.run.update({
    where: { id: runId },
    data: {
      ...usage,
      status,
      ...(stopReason && { stopReason }),
      ...(failure && { error: { ...failureFor(failure) } }),
      ...(model && { model }),
      ...(!firstTokenAt && parts.length > 0 && { firstTokenAt: now }),
      endedAt: now,
      revision,
    },
  });
  if (run.messageId)
    await tx.message.update({
      where: { id: run.messageId },
      data: { content: contentOf(parts), parts: parts.map((part) => ({ ...part })), revision },
    });
  await tx.runCheckpoint.deleteMany({ where: { runId } });
  await tx.externalAnswer.deleteMany({ where: { runId } });
  await tx.chat.update({ where: { id: chat.id }, data: { lastMessageAt: now } });
  return { run, ending, parts };
}

/** It cannot be tried again by a button: it is asked by a mention. */
function failureFor(code: RunFailureCode): RunFailure {
  return { ...runFailure(code), retryable: false };
}

/** After the commit: its readers on all nodes receive the end. */
export function publishEnd({ run, ending, parts }: SettledAnswer): void {
  runEnded({ ...run, ...ending });
  endText(run.id, parts);
}
