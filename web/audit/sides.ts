/** A row before and after as text, a column on a line or more, for a comparison of lines. */
import type { ShownChange } from './documents';

/** What stands in the place of words. */
export interface Mask {
  length: number;
  hash: string;
}

type SayMask = (mask: Mask) => string;

export function sidesOf({ fields }: Pick<ShownChange, 'fields'>, sayMask: SayMask): { before: string; after: string } {
  const text = (side: 'before' | 'after') =>
    fields
      .flatMap(({ name, isMasked, [side]: value }) =>
        value === null || value === undefined ? [] : [`${name}: ${sayValue(value, isMasked, sayMask)}`],
      )
      .join('\n');
  return { before: text('before'), after: text('after') };
}

/** Of JSON, text as it is, and the rest readable. */
function sayValue(json: string, isMasked: boolean, sayMask: SayMask): string {
  const value = parse(json);
  if (isMasked) return isMask(value) ? sayMask(value) : json;
  if (typeof value === 'string') return value.includes('\n') ? `\n${indent(value)}` : value;
  if (typeof value !== 'object' || value === null || json.length < 80) return json;
  return `\n${indent(JSON.stringify(value, null, 2))}`;
}

const indent = (text: string) => text.replaceAll(/^/gm, '  ');

function isMask(value: unknown): value is Mask {
  return typeof value === 'object' && value !== null && 'length' in value && 'hash' in value;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
