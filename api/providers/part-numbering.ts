import type { PartKind, ProviderEvent } from './provider.ts';
import { ThinkTag } from './think-tag.ts';

/** Numbers stretches of text as parts when they first have any: what is empty or not for people leaves no hole. */
export class PartNumbering {
  readonly #tag = new ThinkTag();
  /** The stretch in which the text began: only there a tag opens a thought. */
  #firstText: string | undefined;
  #part = -1;
  #stretch = '';
  #spoken = false;
  #held = '';

  /** Whether any words or thoughts have come. */
  get areEmpty(): boolean {
    return this.#part < 0;
  }

  /** More text of a stretch; another name than before begins another part. */
  append(stretch: string, kind: PartKind, added: string): ProviderEvent[] {
    if (!added) return [];
    if (kind === 'THINKING') return this.#append(stretch, kind, added);
    this.#firstText ??= stretch;
    if (this.#firstText !== stretch) return [...this.rest(), ...this.#append(stretch, kind, added)];
    return this.#tag.read(added).flatMap((piece) => this.#append(stretch, piece.kind, piece.text));
  }

  /** What was held back because it might have become a tag. To be called when no more comes. */
  rest(): ProviderEvent[] {
    return this.#tag.rest().flatMap(({ kind, text }) => this.#append(this.#firstText ?? '', kind, text));
  }

  #append(stretch: string, kind: PartKind, added: string): ProviderEvent[] {
    this.#enter(`${stretch} ${kind}`);
    const { whole, half } = splitPair(this.#held + added);
    this.#held = half;
    if (!whole) return [];

    if (!this.#spoken) this.#part += 1;
    this.#spoken = true;
    return [{ type: 'delta', part: this.#part, kind, text: whole }];
  }

  #enter(stretch: string) {
    if (stretch === this.#stretch) return;
    this.#stretch = stretch;
    this.#spoken = false;
    this.#held = '';
  }
}

/** A character outside the basic plane is two code units, and they may come in two deltas. */
function splitPair(text: string): { whole: string; half: string } {
  const end = /[\uD800-\uDBFF]$/.test(text) ? text.length - 1 : text.length;
  // A half that never meets its other half could not be stored.
  return { whole: text.slice(0, end).toWellFormed(), half: text.slice(end) };
}
