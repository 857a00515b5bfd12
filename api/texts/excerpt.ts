/** How a text travels: a run of code units from one offset on, in the parts that it touches. */
import { cutBetweenCharacters, type Part } from './parts.ts';
import type { RunText } from './text.ts';

/** `parts` follow one another; the first is the text's part number `first`, from the offset `from` on. */
export interface Excerpt {
  from: number;
  first: number;
  parts: Part[];
}

export function wholeOf(parts: readonly Part[]): Excerpt {
  return { from: 0, first: 0, parts: [...parts] };
}

/** At most `most` code units (2 at least) after an offset; no surrogate pair is torn. Empty parts on the way come along. */
export function excerptAfter(parts: readonly Part[], from: number, most: number): Excerpt {
  const excerpt: Excerpt = { from, first: parts.length, parts: [] };
  let start = 0;
  let room = most;
  for (const [index, { kind, text }] of parts.entries()) {
    const rest = text.slice(Math.max(0, from - start));
    start += text.length;
    if (start < from || (start === from && text !== '')) continue;
    if (room === 0) break;

    const words = cutBetweenCharacters(rest, room);
    excerpt.first = Math.min(excerpt.first, index);
    excerpt.parts.push({ kind, text: words });
    room -= words.length;
    if (words.length < rest.length) break;
  }
  return excerpt;
}

/** Appends what the text does not have yet. False where something before it is missing: then nothing is appended. */
export function appendExcerpt(text: RunText, { from, first, parts }: Excerpt): boolean {
  if (from > text.length || first > text.parts.length) return false;
  let start = from;
  for (const [index, { kind, text: words }] of parts.entries()) {
    const part = first + index;
    const missing = words.slice(Math.max(0, text.length - start));
    // Of a part that others have followed here, nothing can be missing: this is not from the same text.
    if (missing && part < text.parts.length - 1) return false;
    if (missing || part === text.parts.length) text.append(part, kind, missing);
    start += words.length;
  }
  return true;
}
