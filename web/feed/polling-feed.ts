/** The feed of a tab in the role `polling`: it connects for a moment now and then, and when there is news. */
import type { FeedLine, TabFeed } from './feed-line';
import { waitAfter } from './sse';
import { Visit } from './visit';
import type { AskTurn } from './visit-turns';

export const VISIT_EVERY_MS = 2_000;

export class PollingFeed implements TabFeed {
  readonly #line: FeedLine;
  readonly #askTurn: AskTurn;
  #isVisiting = false;
  #hasNews = false;
  /** How many visits in a row had no answer. */
  #failedVisits = 0;
  #endVisit = () => {};
  #stopWaiting = () => {};

  /** Without `askTurn` no visit waits for those of other tabs. */
  constructor(line: FeedLine, askTurn: AskTurn = enterAtOnce) {
    this.#line = line;
    this.#askTurn = askTurn;
  }

  open(): void {
    this.close();
    this.#hasNews = true;
    this.#visit();
  }

  renew(): void {
    this.open();
  }

  onNews(): void {
    this.#hasNews = true;
    if (this.#isVisiting) return;
    this.#stopWaiting();
    this.#visit();
  }

  close(): void {
    this.#stopWaiting();
    this.#endVisit();
    this.#endVisit = () => {};
    this.#isVisiting = false;
  }

  /** Waits for the tab's turn first; news that come until then belong to the same visit. */
  #visit(): void {
    this.#isVisiting = true;
    let visit: Visit | null = null;
    let endTurn = () => {};
    let isClosed = false;
    this.#endVisit = () => {
      isClosed = true;
      visit?.close();
      endTurn();
    };
    endTurn = this.#askTurn(() => {
      if (isClosed) return;
      const hadNews = this.#hasNews;
      this.#hasNews = false;
      visit = new Visit(this.#line, {
        onReconnected: () => hadNews && this.#line.reconnected(),
        onServed: () => this.#onServed(),
        onUnserved: (atLeast) => this.#onUnserved(atLeast, hadNews),
      });
    });
  }

  #onServed(): void {
    this.#failedVisits = 0;
    this.#closeFor(this.#hasNews ? 0 : VISIT_EVERY_MS);
  }

  /** Another tab has the turn meanwhile. */
  #onUnserved(atLeast: number, hadNews: boolean): void {
    this.#failedVisits += 1;
    this.#hasNews ||= hadNews;
    this.#closeFor(Math.max(atLeast, VISIT_EVERY_MS, waitAfter(this.#failedVisits, this.#line.platform)));
  }

  #closeFor(wait: number): void {
    this.close();
    this.#stopWaiting = this.#line.platform.after(wait, () => this.#visit());
  }
}

const enterAtOnce: AskTurn = (enter) => {
  enter();
  return () => {};
};
