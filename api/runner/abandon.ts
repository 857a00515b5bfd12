/**
 * RUN_ABANDON_AFTER: stops runs that have had no reader for so long, for those who pay per token. Readers hold the run's text, on any
 * node; a node that holds a text which is written elsewhere publishes that each second. While hints may be lost, no time is counted,
 * and counting starts again afterwards.
 */
import { bus } from '../bus/bus.ts';
import { log } from '../log.ts';
import { repeat, type Repetition } from '../nodes/repeat.ts';
import { openRunIds, requestsHolding } from '../texts/texts.ts';
import type { Performances } from './performances.ts';

const POLL_READERS_MS = 1_000;

export function stopAbandoned(
  performances: Pick<Performances, 'has' | 'ids'>,
  afterMs: number,
  stop: (runId: string) => void,
): Repetition {
  const watchedAt = new Map<string, number>();
  const restartCounting = () => watchedAt.clear();
  const stopWaiting = bus.onGap(restartCounting);
  const stopListening = bus.listen('runWatched', (runId) => {
    if (performances.has(runId)) watchedAt.set(runId, performance.now());
  });

  const polling = repeat('stopping runs without readers', POLL_READERS_MS, () => {
    for (const runId of openRunIds()) if (!performances.has(runId)) bus.publish('runWatched', runId);
    if (!bus.isWhole) return restartCounting();

    const now = performance.now();
    for (const runId of watchedAt.keys()) if (!performances.has(runId)) watchedAt.delete(runId);
    for (const runId of performances.ids()) {
      // The performing request holds it too.
      const isWatched = requestsHolding(runId).length > 1;
      if (isWatched || !watchedAt.has(runId)) watchedAt.set(runId, now);
      else if (now - (watchedAt.get(runId) ?? now) > afterMs) {
        log.info({ runId }, 'Stopping a run that has no readers');
        stop(runId);
      }
    }
  });

  return {
    async stop() {
      stopWaiting();
      stopListening();
      await polling.stop();
    },
  };
}
