import type { Slice } from '../runs/text.ts';
import { type HeldText, holdText } from '../runs/texts.ts';

interface FollowedRun {
  held: HeldText;
  offset: number;
  stopListening: () => void;
}

/** The growing texts that one feed reads, each from its own offset and each in its turn. */
export class FollowedRuns implements Disposable {
  readonly #runs = new Map<string, FollowedRun>();
  readonly #offsets: ReadonlyMap<string, number>;
  readonly #wake: () => void;

  /** `offsets`: what the client has of a run already, in UTF-16 code units. */
  constructor(offsets: ReadonlyMap<string, number>, wake: () => void) {
    this.#offsets = offsets;
    this.#wake = wake;
  }

  follow(runId: string): void {
    if (this.#runs.has(runId)) return;
    const held = holdText(runId);
    const stopListening = held.text.onChange(this.#wake);
    this.#runs.set(runId, { held, offset: this.#offsets.get(runId) ?? 0, stopListening });
    this.#wake();
  }

  leave(runId: string): void {
    const run = this.#runs.get(runId);
    if (!run) return;
    this.#runs.delete(runId);
    run.stopListening();
    run.held[Symbol.dispose]();
  }

  /** The next piece of any of them; null where there is none yet. */
  read(): { runId: string; slice: Slice } | null {
    for (const [runId, run] of this.#runs) {
      const slice = run.held.text.read(run.offset);
      if (!slice) continue;
      run.offset = slice.to;
      // Behind the others, so that a long text lets a short one through.
      this.#runs.delete(runId);
      this.#runs.set(runId, run);
      return { runId, slice };
    }
    return null;
  }

  [Symbol.dispose](): void {
    for (const runId of this.#runs.keys()) this.leave(runId);
  }
}
