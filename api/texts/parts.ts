/** An answer's words, in the order in which they came. Offsets count UTF-16 code units over all parts. */
import { z } from 'zod';

import type { PartKind } from '../providers/provider.ts';

export interface Part {
  kind: PartKind;
  text: string;
}

const Parts = z.array(z.object({ kind: z.enum(['TEXT', 'THINKING']), text: z.string() }));

/** From a JSON column. */
export function parseParts(json: unknown): Part[] {
  return Parts.parse(json);
}

export function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { text }) => sum + text.length, 0);
}

/** At most so many code units from its beginning, which must be 2 or more; no surrogate pair is torn. */
export function cutBetweenCharacters(text: string, most: number): string {
  if (text.length <= most) return text;
  const isTorn = /[\uD800-\uDBFF]/.test(text.charAt(most - 1));
  return text.slice(0, isTorn ? most - 1 : most);
}

/** What a reader who wants no parts reads: the text alone, without the thinking. */
export function contentOf(parts: readonly Part[]): string {
  return parts
    .filter(({ kind }) => kind === 'TEXT')
    .map(({ text }) => text)
    .join('');
}
