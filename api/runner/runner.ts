/** Performs the runs that are waiting: told of each by the bus, and sure by a sweep. Also ends those that must not go on. */
import { db } from '../database/db.ts';
import { bus } from '../bus/bus.ts';
import { log } from '../log.ts';
import { writeHeartbeat, BEAT_MS, refreshHeartbeat, removeOwnNode, nodeId } from '../nodes/heartbeat.ts';
import { repeat, type Repetition } from '../nodes/repeat.ts';
import { stopAbandoned } from './abandon.ts';
import { startCheckpoints } from '../texts/checkpoint.ts';
import { EarlyEnd, performRun } from './perform.ts';
import { settleAllRunning, settleOwnOrphans, settleRunsOfTheDead } from './recover.ts';
import { isOfAgent } from '../runs/agent-run.ts';
import { activeStatuses } from '../runs/status.ts';
import { settleRunIfPossible } from './settle.ts';
import { requestsHolding } from '../texts/texts.ts';
import { type EndedAnswer, startTitles } from './titles.ts';

/** How often the rows of our own runs are asked whether they are to go on. */
const LOOK_MS = 1_000;

/** The node that took a question answers it at once; whoever comes by later than that takes it as forgotten. */
const FORGOTTEN_MS = 0.6 * BEAT_MS;

export interface Runner {
  /** Tells of a request whether it reads a run that is performed here now, until it has read the run's end. */
  readersOfOwnRuns(): (requestId: string) => boolean;
  /** Takes no new runs, lets those that go on end for so long, then interrupts what is left. Resolves when all are settled. */
  close(graceMs: number): Promise<void>;
}

/** Attempts to begin a run, a heartbeat apart. */
const MOST_FAILURES = 5;

export interface RunnerOptions {
  /** On the embedded database, which no other process can have opened. */
  isAlone: boolean;
  /** Runs that nobody has been watching for so long are stopped; left out: never. */
  abandonAfterMs?: number | undefined;
  /** Chats get a title from their model after the first answer. */
  hasModelTitles: boolean;
}

export async function startRunner({ isAlone, abandonAfterMs, hasModelTitles }: RunnerOptions): Promise<Runner> {
  const performances = new Map<string, { controller: AbortController; done: Promise<void> }>();
  const performs = (runId: string) => performances.has(runId);
  const titles = hasModelTitles ? startTitles() : null;
  let isClosing = false;

  function perform(runId: string): void {
    if (isClosing || performs(runId)) return;
    const controller = new AbortController();
    const done = performById(runId, controller.signal)
      .then((ended) => {
        failures.delete(runId);
        if (ended) titles?.consider(ended);
      })
      .catch((error: unknown) => giveUpInTheEnd(runId, error))
      .finally(() => performances.delete(runId));
    performances.set(runId, { controller, done });
  }

  /** Of runs that are still to be begun: how often that failed. */
  const failures = new Map<string, number>();

  /** One that can never be begun would else hold its chat for ever. */
  async function giveUpInTheEnd(runId: string, error: unknown): Promise<void> {
    const count = (failures.get(runId) ?? 0) + 1;
    failures.set(runId, count);
    log.error({ runId, error, count }, 'A run could not be performed');
    if (count < MOST_FAILURES) return;
    failures.delete(runId);
    try {
      const run = await db.run.findUnique({ where: { id: runId, status: 'QUEUED' } });
      if (run) await settleRunIfPossible(run, null, { status: 'FAILED', failure: 'INTERNAL', parts: [] });
    } catch (cause) {
      log.warn({ runId, error: cause }, 'It could not be given up either: the database is away');
    }
  }

  function end(runId: string, status: EarlyEnd['status']): void {
    performances.get(runId)?.controller.abort(new EarlyEnd(status));
  }

  async function takeWaiting(waitedMs: number): Promise<void> {
    // Of a room the first in its queue, and that one while no other goes on.
    const waiting = await db.$queryRaw<{ id: string }[]>`
      SELECT id FROM run
      WHERE status = 'QUEUED' AND created_at <= now() - ${waitedMs}::float8 * interval '1 millisecond'
        AND (message_id IS NOT NULL OR NOT EXISTS (
          SELECT FROM run before WHERE before.chat_id = run.chat_id AND before.provider <> 'EXTERNAL'
            AND (before.status = 'RUNNING' OR before.status = 'QUEUED' AND before.revision < run.revision)))
      ORDER BY created_at`;
    for (const { id } of waiting) perform(id);
  }

  /** Somebody wants them to end, be the hint lost; or they are no longer ours, and what we would add nobody is to see. */
  async function endUnwanted(): Promise<void> {
    // Those of this moment: one that is taken while we ask is not in the answer.
    const ids = [...performances.keys()];
    if (ids.length === 0) return;
    const rows = await db.run.findMany({
      where: { id: { in: ids }, status: { in: activeStatuses } },
      select: { id: true, nodeId: true, stopRequestedAt: true },
    });
    const goingOn = new Map(rows.map((row) => [row.id, row]));
    for (const id of ids) {
      const run = goingOn.get(id);
      const isLost = !run || (run.nodeId !== null && run.nodeId !== nodeId);
      if (isLost) end(id, 'INTERRUPTED');
      else if (run.stopRequestedAt) end(id, 'STOPPED');
    }
  }

  /** They wait in the queue of a room, and somebody wants them to end, be the hint lost. */
  async function endUnwantedInQueues(): Promise<void> {
    const unwanted = await db.run.findMany({ where: { status: 'QUEUED', stopRequestedAt: { not: null } } });
    for (const run of unwanted) await settleRunIfPossible(run, null, { status: 'STOPPED', parts: [] });
  }

  async function endWaiting(runId: string): Promise<void> {
    const run = await db.run.findUnique({ where: { id: runId, status: 'QUEUED', stopRequestedAt: { not: null } } });
    if (run) await settleRunIfPossible(run, null, { status: 'STOPPED', parts: [] });
  }

  function stop(runId: string): void {
    if (performs(runId)) end(runId, 'STOPPED');
    else void endWaiting(runId).catch((error: unknown) => log.warn({ runId, error }, 'A waiting run is stopped later'));
  }

  await writeHeartbeat();
  await (isAlone ? settleAllRunning() : settleRunsOfTheDead());
  const stopTaking = bus.listen('runQueued', perform);
  const stopHearing = bus.listen('runStopRequested', stop);
  const repetitions: Repetition[] = [
    startCheckpoints(() => [...performances.keys()]),
    repeat('looking whether runs are to go on', LOOK_MS, endUnwanted),
    repeat('the heartbeat and its sweeps', BEAT_MS, async () => {
      await writeHeartbeat();
      await settleRunsOfTheDead();
      await settleOwnOrphans(performs);
      await endUnwantedInQueues();
      await takeWaiting(FORGOTTEN_MS);
    }),
  ];
  if (abandonAfterMs) repetitions.push(stopAbandoned(performances, abandonAfterMs, (id) => end(id, 'STOPPED')));
  await takeWaiting(0);

  function readersOfOwnRuns(): (requestId: string) => boolean {
    const own = [...performances.keys()];
    return (requestId) => own.some((runId) => requestsHolding(runId).includes(requestId));
  }

  async function close(graceMs: number): Promise<void> {
    isClosing = true;
    stopTaking();
    const interrupting = setTimeout(() => {
      for (const id of performances.keys()) end(id, 'INTERRUPTED');
    }, graceMs);
    await Promise.all([titles?.close(), ...[...performances.values()].map(({ done }) => done)]);
    clearTimeout(interrupting);
    stopHearing();
    await Promise.all(repetitions.map((repetition) => repetition.stop()));
    await removeOwnNode().catch((error: unknown) => log.warn({ error }, 'This node could not take its row away'));
  }

  let closed: Promise<void> | null = null;
  return { readersOfOwnRuns, close: (graceMs) => (closed ??= close(graceMs)) };
}

async function performById(runId: string, signal: AbortSignal): Promise<EndedAnswer | null> {
  await refreshHeartbeat();
  const run = await db.run.findUnique({ where: { id: runId, status: 'QUEUED' } });
  return run && isOfAgent(run) ? performRun(run, signal) : null;
}
