/**
 * The growing text of a run: the only place that holds it. One writer appends; any number of readers each hold an offset and ask for
 * what comes after it, so a slow reader costs nothing and gets bigger slices. What brings it to other nodes is in texts.ts.
 */
import { cutBetweenCharacters, lengthOf, type Part } from './parts.ts';
import type { PartKind } from '../providers/provider.ts';

/** A piece of one part. `from` and `to` are offsets in UTF-16 code units over all parts; neither falls inside a surrogate pair. */
export interface Slice {
  readonly type: 'ContentDelta';
  from: number;
  to: number;
  part: number;
  kind: PartKind;
  text: string;
}

/** So that one event stays small, whatever has piled up. UTF-16 code units, up to 3 bytes each. */
const LARGEST_SLICE = 5_000;

export class RunText {
  readonly #parts: Part[] = [];
  #length = 0;
  #isEnded = false;
  readonly #listeners = new Set<() => void>();
  /** Readers in step ask for the same piece: it is cut once, and its serialisation can be cached by it. */
  #lastCut: { from: number; length: number; slice: Slice } | null = null;

  /** From what is stored of a run that is over. */
  static of(parts: readonly Part[]): RunText {
    const text = new RunText();
    for (const [part, { kind, text: words }] of parts.entries()) text.append(part, kind, words);
    text.end();
    return text;
  }

  get length(): number {
    return this.#length;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** Readers see it at once. `part` is the last one, or one more. */
  append(part: number, kind: PartKind, text: string): void {
    if (this.#isEnded) throw new Error('The text has ended.');
    const last = this.#parts[part];
    if (last) last.text += text;
    else this.#parts.push({ kind, text });
    this.#length += text.length;
    this.#wake();
  }

  /** No more will come, and what the database says of the run is its last word. Again is nothing. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** The next piece after an offset, of one part; null where there is none yet. An offset past the end has to wait for its turn. */
  read(from: number): Slice | null {
    if (this.#lastCut?.from === from && this.#lastCut.length === this.#length) return this.#lastCut.slice;
    const slice = this.#cut(from);
    if (slice) this.#lastCut = { from, length: this.#length, slice };
    return slice;
  }

  #cut(from: number): Slice | null {
    let start = 0;
    for (const [part, { kind, text }] of this.#parts.entries()) {
      if (from < start + text.length) {
        const words = cutBetweenCharacters(text.slice(from - start), LARGEST_SLICE);
        return { type: 'ContentDelta', from, to: from + words.length, part, kind, text: words };
      }
      start += text.length;
    }
    return null;
  }

  /** Called at each `append` and at the `end`. Returns what takes the listener away again. */
  onChange(listener: () => void): () => void {
    // A function of its own, so that two who listen with the same one are two.
    const call = () => listener();
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  /** Resolves at the next `append` or `end`, when `signal` aborts, or after that many milliseconds, whichever comes first. */
  changed(signal: AbortSignal, within: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        stopListening();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, within);
      const stopListening = this.onChange(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** A client's offset, put where a piece may begin: not below 0, not past the end of an ended text, not inside a pair. */
export function soundOffset(parts: readonly Part[], from: number): number {
  const clamped = Math.min(Math.max(0, from), lengthOf(parts));
  const text = parts.map((part) => part.text).join('');
  const code = text.charCodeAt(clamped);
  return clamped > 0 && code >= 0xdc_00 && code <= 0xdf_ff ? clamped - 1 : clamped;
}
