/** Performs the runs that are waiting: told of each by the bus, and sure by a sweep. */
import { db } from '../db.ts';
import { bus } from '../feed/bus.ts';
import { log } from '../log.ts';
import { startCheckpoints } from './checkpoint.ts';
import { EarlyEnd, performRun } from './perform.ts';

const SWEEP_MS = 5_000;

export interface Runner {
  /** Takes no new runs, lets those that go on end for so long, then interrupts what is left. Resolves when all are settled. */
  close(graceMs: number): Promise<void>;
}

export function startRunner(): Runner {
  const performances = new Map<string, { controller: AbortController; done: Promise<void> }>();

  function perform(runId: string): void {
    if (performances.has(runId)) return;
    const controller = new AbortController();
    const done = performById(runId, controller.signal)
      .catch((error: unknown) => log.error({ runId, error }, 'A run could not be performed'))
      .finally(() => performances.delete(runId));
    performances.set(runId, { controller, done });
  }

  async function sweep(): Promise<void> {
    const waiting = await db.run.findMany({ where: { status: 'QUEUED' }, select: { id: true } });
    for (const { id } of waiting) perform(id);
  }

  const sweepSafely = () =>
    void sweep().catch((error: unknown) => log.error({ error }, 'The sweep for waiting runs failed'));
  const sweeping = setInterval(sweepSafely, SWEEP_MS);
  const stopListening = [
    bus.listen('runQueued', perform),
    bus.listen('runStopRequested', (runId) => performances.get(runId)?.controller.abort(new EarlyEnd('STOPPED'))),
  ];
  const checkpoints = startCheckpoints(() => [...performances.keys()]);
  sweepSafely();

  return {
    async close(graceMs) {
      clearInterval(sweeping);
      stopListening[0]?.();
      const interrupting = setTimeout(() => {
        for (const { controller } of performances.values()) controller.abort(new EarlyEnd('INTERRUPTED'));
      }, graceMs);
      await Promise.all([...performances.values()].map(({ done }) => done));
      clearTimeout(interrupting);
      stopListening[1]?.();
      await checkpoints.close();
    },
  };
}

async function performById(runId: string, signal: AbortSignal): Promise<void> {
  const run = await db.run.findUnique({ where: { id: runId, status: 'QUEUED' } });
  if (run) await performRun(run, signal);
}
