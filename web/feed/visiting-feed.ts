/** The feed of a tab that is visible and has no seat: it connects for a moment now and then, and when there is news. */
import type { FeedLine, TabFeed } from './feed-line';
import { waitAfter } from './sse';
import { Visit } from './visit';
import type { AskTurn } from './visit-turns';

export const VISIT_EVERY_MS = 2_000;

export class VisitingFeed implements TabFeed {
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
    let isOver = false;
    this.#endVisit = () => {
      isOver = true;
      visit?.close();
      endTurn();
    };
    endTurn = this.#askTurn(() => {
      if (isOver) return;
      const hadNews = this.#hasNews;
      this.#hasNews = false;
      visit = new Visit(this.#line, {
        onCaughtUp: () => hadNews && this.#line.caughtUp(),
        onServed: () => this.#leaveServed(),
        onUnserved: (atLeast) => this.#leaveUnserved(atLeast, hadNews),
      });
    });
  }

  #leaveServed(): void {
    this.#failedVisits = 0;
    this.#leave(this.#hasNews ? 0 : VISIT_EVERY_MS);
  }

  /** Another tab has the turn meanwhile. */
  #leaveUnserved(atLeast: number, hadNews: boolean): void {
    this.#failedVisits += 1;
    this.#hasNews ||= hadNews;
    this.#leave(Math.max(atLeast, VISIT_EVERY_MS, waitAfter(this.#failedVisits, this.#line.platform)));
  }

  #leave(wait: number): void {
    this.close();
    this.#stopWaiting = this.#line.platform.after(wait, () => this.#visit());
  }
}

const enterAtOnce: AskTurn = (enter) => {
  enter();
  return () => {};
};
