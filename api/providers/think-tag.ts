import type { PartKind } from './provider.ts';

const OPENING = '<think>';
const CLOSING = '</think>';
/** Characters. White space without end must not be held back, or dropped, for ever: the length of an answer is bounded by its text. */
const MOST_SPACE = 100;

interface Piece {
  kind: PartKind;
  text: string;
}

/**
 * Takes `<think>…</think>` at the beginning of a text for a thought, as many open models write it, across any borders of the pieces
 * in which the text comes. Later in the text the tag is text. White space before the opening tag and line breaks right after either
 * tag are dropped.
 */
export class ThinkTag {
  #state: 'START' | 'THOUGHT_BEGINS' | 'THOUGHT' | 'TEXT_BEGINS' | 'TEXT' = 'START';
  /** Characters that may be the beginning of a tag. */
  #held = '';
  #dropped = 0;

  read(added: string): Piece[] {
    if (this.#state === 'TEXT') return pieceOf('TEXT', added);
    const text = this.#held + added;
    this.#held = '';
    if (this.#state === 'START') return this.#start(text);
    if (this.#state === 'TEXT_BEGINS') return this.#afterThought(text);
    return this.#thought(text);
  }

  /** What was held back, at the end of the text. */
  rest(): Piece[] {
    const held = this.#held;
    this.#held = '';
    const kind = this.#state === 'START' || this.#state === 'TEXT' ? 'TEXT' : 'THINKING';
    if (this.#state === 'START') this.#state = 'TEXT';
    return pieceOf(kind, held);
  }

  #start(text: string): Piece[] {
    const trimmed = text.trimStart();
    const isOpen = trimmed.startsWith(OPENING);
    if (!isOpen && OPENING.startsWith(trimmed) && text.length < MOST_SPACE) {
      this.#held = text;
      return [];
    }
    this.#state = isOpen ? 'THOUGHT_BEGINS' : 'TEXT';
    return isOpen ? this.#thought(trimmed.slice(OPENING.length)) : pieceOf('TEXT', text);
  }

  #thought(text: string): Piece[] {
    const thought = this.#state === 'THOUGHT_BEGINS' ? this.#withoutBreaks(text) : text;
    const end = thought.indexOf(CLOSING);
    if (end >= 0) {
      this.#state = 'TEXT_BEGINS';
      return [
        ...pieceOf('THINKING', thought.slice(0, end)),
        ...this.#afterThought(thought.slice(end + CLOSING.length)),
      ];
    }
    const whole = thought.slice(0, thought.length - lengthOfBegunTag(thought));
    this.#held = thought.slice(whole.length);
    if (whole) this.#state = 'THOUGHT';
    return pieceOf('THINKING', whole);
  }

  #afterThought(text: string): Piece[] {
    const words = this.#withoutBreaks(text);
    if (words) this.#state = 'TEXT';
    return pieceOf('TEXT', words);
  }

  #withoutBreaks(text: string): string {
    const rest = text.replace(/^[\r\n]+/, (breaks) => breaks.slice(Math.max(0, MOST_SPACE - this.#dropped)));
    this.#dropped += text.length - rest.length;
    return rest;
  }
}

/** How many characters at the end of a thought may be the beginning of the closing tag. */
function lengthOfBegunTag(thought: string): number {
  const most = Math.min(CLOSING.length - 1, thought.length);
  for (let length = most; length > 0; length -= 1) {
    if (thought.endsWith(CLOSING.slice(0, length))) return length;
  }
  return 0;
}

function pieceOf(kind: PartKind, text: string): Piece[] {
  return text ? [{ kind, text }] : [];
}
