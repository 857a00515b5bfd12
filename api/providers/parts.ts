import type { PartKind, ProviderEvent } from './provider.ts';

/** Numbers stretches of text as parts when they first have any: what is empty or not for people leaves no hole. */
export class Parts {
  #part = -1;
  #stretch = '';
  #spoken = false;
  #held = '';

  /** More text of a stretch; another name than before begins another part. */
  append(stretch: string, kind: PartKind, added: string): ProviderEvent[] {
    if (!added) return [];
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
