import type { RunText, Slice } from '../texts/text.ts';
import { type HeldText, holdText } from '../texts/texts.ts';

interface FollowedRun {
  chatId: string;
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

  follow(runId: string, chatId: string): void {
    if (this.#runs.has(runId)) return;
    const held = holdText(runId);
    const stopListening = held.text.onChange(this.#wake);
    this.#runs.set(runId, { chatId, held, offset: this.#offsets.get(runId) ?? 0, stopListening });
    this.#wake();
  }

  leave(runId: string): void {
    const run = this.#runs.get(runId);
    if (!run) return;
    this.#runs.delete(runId);
    run.stopListening();
    run.held[Symbol.dispose]();
  }

  /** All of a chat that its reader may see no longer. */
  leaveChat(chatId: string): void {
    for (const [runId, run] of this.#runs) if (run.chatId === chatId) this.leave(runId);
  }

  /** The next piece of any of them; null where there is none yet. */
  read(): { runId: string; slice: Slice } | null {
    for (const [runId, run] of this.#runs) {
      const slice = readWhole(run.held.text, run.offset);
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

/** A client's offset may fall inside a pair of surrogates: then the pair is told again. */
function readWhole(text: RunText, offset: number): Slice | null {
  const slice = text.read(offset);
  const code = slice?.text.charCodeAt(0) ?? 0;
  return offset > 0 && code >= 0xdc_00 && code <= 0xdf_ff ? text.read(offset - 1) : slice;
}
