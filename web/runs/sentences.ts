/**
 * The whole sentences of a growing text from a position on, to be spoken as it comes. What is unfinished
 * stays for the next time.
 */
export function nextSentences(text: string, from: number): { words: string; upTo: number } {
  const fresh = text.slice(from);
  // Only what follows a full stop distinguishes it from the point in a number or a name, and at the end of what grows nothing does.
  const ends = [...fresh.matchAll(/[.!?…:]["»”)]?(?=\s)|\n/g)];
  const last = ends.at(-1);
  if (!last) return { words: '', upTo: from };
  const length = last.index + last[0].length;
  return { words: plain(fresh.slice(0, length)), upTo: from + length };
}

/** All that is left of a text that grows no more. */
export function restOf(text: string, from: number): string {
  return plain(text.slice(from));
}

function plain(markdown: string): string {
  return markdown
    .replace(/[*_`#>|~]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
