import { setTimeout as delay } from 'node:timers/promises';

import { changeChatAs } from '../chats/change.ts';
import { holdsMark } from '../contexts/assemble-room.ts';
import { kindOfDatabaseError } from '../database/write-errors.ts';
import { db } from '../database/db.ts';
import { NotFoundError } from '../errors.ts';
import type { Prisma, Run, RunStatus, StopReason } from '../generated/prisma/client.ts';
import { log } from '../log.ts';
import { askForCovered } from '../asking/ask-in-room.ts';
import { contentOf, type Part } from '../texts/parts.ts';
import { runEnded } from '../operations/metrics.ts';
import type { TokenUsage } from '../providers/provider.ts';
import { runFailure, type RunFailureCode } from '../runs/failure.ts';
import { nextInQueue } from '../runs/queue.ts';
import { activeStatuses } from '../runs/status.ts';
import { endText, giveUpText } from '../texts/texts.ts';
import { traceSettling } from './run-spans.ts';

/** How a run is over, and all there is to keep of it. */
export interface Ending {
  status: Exclude<RunStatus, 'QUEUED' | 'RUNNING'>;
  parts: readonly Part[];
  stopReason?: StopReason;
  failure?: RunFailureCode;
  usage?: Partial<TokenUsage>;
  firstTokenAt?: Date | null;
  /** The model that answered, where it is not the requested one. */
  model?: string;
}

/**
 * The end: text, status and numbers in one transaction, and only then do readers receive it. Fenced: a node that no longer owns the
 * run, or comes after its end, writes nothing, and lets its readers know how the database has it. `owner` is a node's id, or null
 * for an unclaimed run. True where this is the run's end. Where the database is away, it waits; after some minutes of
 * errors of an unknown kind the run is stored as FAILED with its text, and if that fails too, it is left to the sweeps.
 */
export async function settleRun(run: Run, owner: string | null, ending: Ending): Promise<boolean> {
  const endedAt = new Date();
  let unknownErrors = 0;
  // A database that is away for a while must not cost the answer, which is whole in memory.
  for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
    const isLastTry = unknownErrors >= MOST_UNKNOWN_ERRORS;
    try {
      return await settleRunIfPossible(run, owner, isLastTry ? { ...internal, parts: ending.parts } : ending, endedAt);
    } catch (error) {
      logOnce(run.id, { error }, 'The end of a run could not be stored; it will be tried again');
      if (kindOfDatabaseError(error) === 'UNKNOWN') {
        if (isLastTry) return giveUp(run.id);
        unknownErrors += 1;
      }
      await delay(pause);
    }
  }
}

/** With the pauses between them, some three minutes. */
const MOST_UNKNOWN_ERRORS = 40;

const internal = { status: 'FAILED', failure: 'INTERNAL' } as const;

/**
 * The same, tried once: for those who come again. Throws what is not known to be a refusal. An ending that the database refuses is
 * stored as FAILED with its text, and if that is refused too, without it: the run must end in any case, since it holds its chat, its
 * person's limit and the end of the process. False where not even that can be written: the sweep for runs without a performer takes
 * it from there.
 */
export async function settleRunIfPossible(
  run: Run,
  owner: string | null,
  ending: Ending,
  endedAt = new Date(),
): Promise<boolean> {
  let refusal: unknown;
  for (const each of [ending, { ...internal, parts: ending.parts }, { ...internal, parts: [] }]) {
    try {
      const isOurs = await writeAndPublish(run, owner, each, endedAt);
      const stored = { status: each.status, hasText: each.parts.length > 0 };
      if (refusal) logOnce(run.id, { ...stored, error: refusal }, 'The database refused the end of a run');
      return isOurs;
    } catch (error) {
      if (kindOfDatabaseError(error) !== 'REFUSED') throw error;
      refusal ??= error;
    }
  }
  logOnce(run.id, { error: refusal }, 'The database refuses every end of a run; each sweep tries again');
  return giveUp(run.id);
}

async function giveUp(runId: string): Promise<false> {
  await giveUpText(runId);
  return false;
}

const logged = new Set<string>();
const MOST_LOGGED = 1_000;

/** Sweeps come every few seconds: each message about a run is logged once. */
export function logOnce(runId: string, details: object, message: string): void {
  const key = `${runId} ${message}`;
  if (logged.has(key)) return;
  if (logged.size >= MOST_LOGGED) logged.delete(logged.keys().next().value as string);
  logged.add(key);
  log.error({ runId, ...details }, message);
}

async function writeAndPublish(run: Run, owner: string | null, ending: Ending, endedAt: Date): Promise<boolean> {
  try {
    await traceSettling(run, ending, () => writeEnding(run, owner, ending, endedAt));
    runEnded({ ...run, ...ending });
    endText(run.id, ending.parts);
    return true;
  } catch (error) {
    // The chat was purged meanwhile, and the run with it.
    const isGone = error instanceof NotFoundError;
    if (!isGone && !(error instanceof NotOurs)) throw error;
    await giveUpText(run.id);
    return false;
  }
}

/** Thrown rather than returned, so that nothing of the change stays: not even a new revision. */
class NotOurs extends Error {
  override name = 'NotOurs';
}

function writeEnding(run: Run, owner: string | null, ending: Ending, endedAt: Date): Promise<void> {
  return changeChatAs(run.agentId ? { agentId: run.agentId } : { server: 'runs' }, run.chatId, async (change) => {
    const { tx, chat, revision, now, announce, withoutChange } = change;
    const { count } = await tx.run.updateMany({
      where: { id: run.id, nodeId: owner, status: { in: activeStatuses } },
      data: { ...columnsOf(run, ending), endedAt, revision },
    });
    if (count === 0) {
      // Or it is this very end: committed, and the connection broke before the answer came and readers were notified.
      const { status } = ending;
      const ours = await tx.run.count({ where: { id: run.id, nodeId: owner, status, endedAt } });
      if (ours === 0) throw new NotOurs();
      announce('chatChanged', chat.id, chat.revision);
      return withoutChange(undefined);
    }
    const parts = ending.parts.map(({ kind, text }) => ({ kind, text }));
    const content = contentOf(parts);
    const everything = parts.map(({ text }) => text).join('');
    // A run that ended while it waited has no answer yet.
    if (run.messageId) await tx.message.update({ where: { id: run.messageId }, data: { content, parts, revision } });
    await tx.runCheckpoint.deleteMany({ where: { runId: run.id } });
    // What its members have read could be imitated: the next request has another mark.
    const isMarkKnown = chat.promptMark !== null && holdsMark(everything, chat.promptMark);
    await tx.chat.update({
      where: { id: run.chatId },
      data: { ...(run.messageId && { lastMessageAt: now }), ...(isMarkKnown && { promptMark: null }) },
    });
    if (chat.kind === 'PRIVATE') return;
    if (!run.messageId) await askForCovered(change, run);
    const nextId = await nextInQueue(tx, chat.id);
    if (nextId) announce('runQueued', nextId);
  });
}

export async function hasEnded(runId: string): Promise<boolean> {
  return (await db.run.count({ where: { id: runId, endedAt: null } })) === 0;
}

function columnsOf(
  { provider }: Run,
  { status, stopReason, failure, usage = {}, firstTokenAt, model }: Ending,
): Prisma.RunUpdateManyMutationInput {
  return {
    ...usage,
    status,
    ...(stopReason && { stopReason }),
    ...(failure && { error: { ...runFailure(failure, provider) } }),
    ...(firstTokenAt && { firstTokenAt }),
    ...(model && { model }),
  };
}
