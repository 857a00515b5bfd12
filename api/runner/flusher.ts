import type { PartKind } from '../providers/provider.ts';
import type { RunText } from '../texts/text.ts';

/**
 * Joins a provider's small deltas: the first goes through at once, later ones after `pauseMs` together, and a new part or the end
 * lets nothing wait. Coalescing by time bounds the traffic of every reader.
 */
export class Flusher implements Disposable {
  readonly #text: RunText;
  readonly #pauseMs: number;
  #pending: { part: number; kind: PartKind; text: string } | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(text: RunText, pauseMs: number) {
    this.#text = text;
    this.#pauseMs = pauseMs;
  }

  write(part: number, kind: PartKind, text: string): void {
    if (this.#pending && this.#pending.part !== part) this.flush();
    this.#pending = { part, kind, text: (this.#pending?.text ?? '') + text };
    if (this.#timer) return;
    this.flush();
    this.#rest();
  }

  flush(): void {
    if (!this.#pending) return;
    const { part, kind, text } = this.#pending;
    this.#pending = null;
    // Another node has settled the run meanwhile. Thrown from the timer, the text's refusal would end the process.
    if (this.#text.isEnded) return;
    this.#text.append(part, kind, text);
  }

  [Symbol.dispose](): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.flush();
  }

  /** Until something has waited for nothing: then the next delta is a first one again. */
  #rest(): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#pending) return;
      this.flush();
      this.#rest();
    }, this.#pauseMs);
  }
}
