/** Performs the queued runs: found by hints, and by a sweep where a hint was lost. Also ends runs that must not go on. */
import { bus } from '../bus/bus.ts';
import { db } from '../database/db.ts';
import { log } from '../log.ts';
import { BEAT_MS, nodeId, removeOwnNode, writeHeartbeat } from '../nodes/heartbeat.ts';
import { repeat, type Repetition } from '../nodes/repeat.ts';
import { activeStatuses } from '../runs/status.ts';
import { startCheckpoints } from '../texts/checkpoint.ts';
import { requestsHolding } from '../texts/texts.ts';
import { stopAbandoned } from './abandon.ts';
import { Performances } from './performances.ts';
import { settleAllRunning, settleOwnOrphans, settleRunsOfTheDead } from './recover.ts';
import { startTitles } from './titles.ts';
import { idsOfWaiting, stopUnwantedWaiting } from './waiting.ts';

/** How often the rows of this node's runs are read for stop requests and lost ownership. */
const POLL_STOPS_MS = 1_000;

/** The node that took a question claims its run at once; a run still queued after this long may be claimed by any node. */
const FORGOTTEN_MS = 0.6 * BEAT_MS;

export interface Runner {
  /** Whether a request reads a run that is performed here now, until it has read the run's end. */
  readersOfOwnRuns(): (requestId: string) => boolean;
  /** Takes no new runs, lets those that go on end for so long, then interrupts what is left. Resolves when all are settled. */
  close(graceMs: number): Promise<void>;
}

export interface RunnerOptions {
  /** On the embedded database, which no other process can have opened. */
  isAlone: boolean;
  /** Runs without readers for so long are stopped; left out: never. */
  abandonAfterMs?: number | undefined;
  /** Chats get a title from their model after the first answer. */
  hasModelTitles: boolean;
}

export async function startRunner({ isAlone, abandonAfterMs, hasModelTitles }: RunnerOptions): Promise<Runner> {
  const titles = hasModelTitles ? startTitles() : null;
  const performances = new Performances((answer) => titles?.consider(answer));
  await writeHeartbeat();
  await (isAlone ? settleAllRunning() : settleRunsOfTheDead());
  const stopTaking = bus.listen('runQueued', (runId) => performances.begin(runId));
  const stopListening = bus.listen('runStopRequested', (runId) => stopRun(performances, runId));
  const repetitions = startRepetitions(performances, abandonAfterMs);
  await takeWaiting(performances, 0);

  async function close(graceMs: number): Promise<void> {
    stopTaking();
    await Promise.all([titles?.close(), performances.close(graceMs)]);
    stopListening();
    await Promise.all(repetitions.map((repetition) => repetition.stop()));
    await removeOwnNode().catch((error: unknown) => log.warn({ error }, 'Removing this node’s row failed'));
  }

  let closed: Promise<void> | null = null;
  return {
    readersOfOwnRuns() {
      const own = performances.ids();
      return (requestId) => own.some((runId) => requestsHolding(runId).includes(requestId));
    },
    close: (graceMs) => (closed ??= close(graceMs)),
  };
}

function startRepetitions(performances: Performances, abandonAfterMs: number | undefined): Repetition[] {
  const repetitions = [
    startCheckpoints(() => performances.ids()),
    repeat('ending runs that must not go on', POLL_STOPS_MS, () => endUnwanted(performances)),
    repeat('the heartbeat and its sweeps', BEAT_MS, async () => {
      await writeHeartbeat();
      await settleRunsOfTheDead();
      await settleOwnOrphans((runId) => performances.has(runId));
      await stopUnwantedWaiting();
      await takeWaiting(performances, FORGOTTEN_MS);
    }),
  ];
  if (abandonAfterMs)
    repetitions.push(stopAbandoned(performances, abandonAfterMs, (runId) => performances.end(runId, 'STOPPED')));
  return repetitions;
}

async function takeWaiting(performances: Performances, waitedMs: number): Promise<void> {
  for (const id of await idsOfWaiting(waitedMs)) performances.begin(id);
}

/** On a stop request. The run is performed here, is queued, or is another node's. */
function stopRun(performances: Performances, runId: string): void {
  if (performances.has(runId)) return performances.end(runId, 'STOPPED');
  stopUnwantedWaiting({ id: runId }).catch((error: unknown) => log.warn({ runId, error }, 'Stop failed, retrying'));
}

/** Ends runs with a stop request whose hint was lost, and runs that another node owns by now: what we would add must not be seen. */
async function endUnwanted(performances: Performances): Promise<void> {
  // The ids of this moment: a run that is claimed during the query is not in its rows.
  const ids = performances.ids();
  if (ids.length === 0) return;
  const rows = await db.run.findMany({
    where: { id: { in: ids }, status: { in: activeStatuses } },
    select: { id: true, nodeId: true, stopRequestedAt: true },
  });
  const goingOn = new Map(rows.map((row) => [row.id, row]));
  for (const id of ids) {
    const run = goingOn.get(id);
    const isLost = !run || (run.nodeId !== null && run.nodeId !== nodeId);
    if (isLost) performances.end(id, 'INTERRUPTED');
    else if (run.stopRequestedAt) performances.end(id, 'STOPPED');
  }
}
