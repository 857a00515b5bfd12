/** Longer without a completed look, and the database was away: service agents could not append meanwhile. In milliseconds. */
const OUTAGE_MS = 5_000;

/** How long service agents have been able to append without an outage. Times are milliseconds of one clock. */
export class Uptime {
  #since: number;
  #completedAt: number;

  constructor(now: number) {
    this.#since = now;
    this.#completedAt = now;
  }

  /** Before each poll of the database. After an outage the time starts again. */
  begin(now: number): void {
    if (now - this.#completedAt > OUTAGE_MS) this.#since = now;
  }

  /** After each look that did not fail. */
  complete(now: number): void {
    this.#completedAt = now;
  }

  isLongerThan(ms: number, now: number): boolean {
    return now - this.#since > ms;
  }
}
