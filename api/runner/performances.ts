/** The runs that this process performs now. */
import { db } from '../database/db.ts';
import { log } from '../log.ts';
import { refreshHeartbeat } from '../nodes/heartbeat.ts';
import { isOfAgent } from '../runs/agent-run.ts';
import { EarlyEnd, performRun } from './perform.ts';
import { settleRunIfPossible } from './settle.ts';
import type { EndedAnswer } from './titles.ts';

/** Attempts to begin a run, a heartbeat apart. */
const MOST_FAILURES = 5;

export class Performances {
  readonly #performed = new Map<string, { controller: AbortController; done: Promise<void> }>();
  /** Of runs that are still to be begun: how often that failed. */
  readonly #failures = new Map<string, number>();
  readonly #onEnded: (answer: EndedAnswer) => void;
  #isClosing = false;

  /** `onEnded` is called with each answer whose end was stored here. */
  constructor(onEnded: (answer: EndedAnswer) => void) {
    this.#onEnded = onEnded;
  }

  has(runId: string): boolean {
    return this.#performed.has(runId);
  }

  ids(): string[] {
    return [...this.#performed.keys()];
  }

  /** Begins a run that is QUEUED; one that is performed already, or by another node, is left alone. Never throws. */
  begin(runId: string): void {
    if (this.#isClosing || this.has(runId)) return;
    const controller = new AbortController();
    const done = performById(runId, controller.signal)
      .then((ended) => {
        this.#failures.delete(runId);
        if (ended) this.#onEnded(ended);
      })
      .catch((error: unknown) => this.#countFailure(runId, error))
      .finally(() => this.#performed.delete(runId));
    this.#performed.set(runId, { controller, done });
  }

  /** Does nothing where it is not performed here. */
  end(runId: string, status: EarlyEnd['status']): void {
    this.#performed.get(runId)?.controller.abort(new EarlyEnd(status));
  }

  /** Begins no more, lets those that go on end for so long, then interrupts what is left. Resolves when all are settled. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    const interrupting = setTimeout(() => {
      for (const id of this.ids()) this.end(id, 'INTERRUPTED');
    }, graceMs);
    await Promise.all([...this.#performed.values()].map(({ done }) => done));
    clearTimeout(interrupting);
  }

  /** A run that can never be begun would else block its chat for ever. */
  async #countFailure(runId: string, error: unknown): Promise<void> {
    const count = (this.#failures.get(runId) ?? 0) + 1;
    this.#failures.set(runId, count);
    log.error({ runId, error, count }, 'A run could not be performed');
    if (count < MOST_FAILURES) return;
    this.#failures.delete(runId);
    try {
      const run = await db.run.findUnique({ where: { id: runId, status: 'QUEUED' } });
      if (run) await settleRunIfPossible(run, null, { status: 'FAILED', failure: 'INTERNAL', parts: [] });
    } catch (cause) {
      log.warn({ runId, error: cause }, 'Could not settle the run: database unavailable');
    }
  }
}

async function performById(runId: string, signal: AbortSignal): Promise<EndedAnswer | null> {
  await refreshHeartbeat();
  const run = await db.run.findUnique({ where: { id: runId, status: 'QUEUED' } });
  return run && isOfAgent(run) ? performRun(run, signal) : null;
}
