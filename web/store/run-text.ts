import type { PartKind } from '../generated/graphql';

export interface Part {
  kind: PartKind;
  text: string;
}

/** What we have of a run's text. `length` is our offset: UTF-16 code units over all parts in order. */
export interface RunText {
  parts: readonly Part[];
  length: number;
}

export interface Delta {
  from: number;
  to: number;
  part: number;
  kind: PartKind;
  text: string;
}

export const nothingYet: RunText = { parts: [], length: 0 };

/**
 * The text with a delta, or `gap` where it begins beyond what we have: then one subscribes again from `length`. What we have
 * already is trimmed off, which makes repeats and replays harmless.
 */
export function applyDelta(state: RunText, delta: Delta): RunText | 'gap' {
  if (delta.from > state.length) return 'gap';
  const fresh = delta.text.slice(state.length - delta.from);
  if (fresh === '') return state;
  return { parts: extend(state.parts, delta.part, delta.kind, fresh), length: state.length + fresh.length };
}

function extend(parts: readonly Part[], index: number, kind: PartKind, fresh: string): readonly Part[] {
  const grown = [...parts];
  while (grown.length < index) grown.push({ kind: 'TEXT', text: '' });
  grown[index] = { kind, text: (grown[index]?.text ?? '') + fresh };
  return grown;
}
