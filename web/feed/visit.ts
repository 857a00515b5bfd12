/** One connection of a tab that polls, which says when it should be closed. */
import type { FeedEvent } from '../store/reduce';
import type { FeedLine } from './feed-line';

/** After the first tick come the deltas of active runs; after this long without any, the visit is over. */
export const QUIET_MS = 150;
/** An answer that grows is never quiet: a visit ends after this long all the same. */
export const LONGEST_VISIT_MS = 1_000;
/** A visit without a first tick blocks other tabs: it is closed after this long. */
export const LONGEST_WAIT_FOR_TICK_MS = 15_000;

interface VisitListener {
  /** Everything that was missed has been sent. */
  onReconnected: () => void;
  onServed: () => void;
  /** There was no answer, and the next attempt makes sense after `atLeast` ms. */
  onUnserved: (atLeast: number) => void;
}

export class Visit {
  readonly #line: FeedLine;
  readonly #on: VisitListener;
  #tickedAt: number | null = null;
  #stopTimer: () => void;
  readonly #closeFeed: () => void;

  constructor(line: FeedLine, on: VisitListener) {
    this.#line = line;
    this.#on = on;
    this.#stopTimer = line.platform.after(LONGEST_WAIT_FOR_TICK_MS, () => on.onUnserved(0));
    this.#closeFeed = line.subscribe({
      onEvent: (event) => this.#receive(event),
      onCut: on.onUnserved,
    });
  }

  close(): void {
    this.#stopTimer();
    this.#closeFeed();
  }

  #receive(event: FeedEvent): void {
    const { platform } = this.#line;
    if (event.__typename === 'Tick' && this.#tickedAt === null) {
      this.#tickedAt = platform.now();
      this.#on.onReconnected();
    }
    const isGap = this.#line.take(event) === 'gap';
    if (isGap) this.#line.countGap(event);
    if (isGap || (this.#tickedAt !== null && platform.now() - this.#tickedAt > LONGEST_VISIT_MS))
      return this.#on.onServed();
    if (this.#tickedAt === null) return;
    this.#stopTimer();
    this.#stopTimer = platform.after(QUIET_MS, this.#on.onServed);
  }
}
