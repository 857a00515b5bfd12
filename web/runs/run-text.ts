import type { PartKind } from '../generated/graphql';

export interface Part {
  kind: PartKind;
  text: string;
}

/** What we have of a run's text. `length` is our offset: UTF-16 code units over all parts in order. */
export interface RunText {
  parts: readonly Part[];
  length: number;
  isEnded: boolean;
}

export type RunChange =
  | { __typename: 'MessageStart' | 'MessageEnd' | 'RunError' }
  | { __typename: 'ContentDelta'; from: number; to: number; part: number; kind: PartKind; text: string };

export const nothingYet: RunText = { parts: [], length: 0, isEnded: false };

/**
 * The text after an event, or `gap` where the event begins beyond what we have: then one subscribes again from
 * `length`. What we have already is trimmed off, which makes repeats and replays harmless.
 */
export function applyRunEvent(state: RunText, event: RunChange): RunText | 'gap' {
  if (event.__typename === 'MessageStart') return state;
  if (event.__typename !== 'ContentDelta') return { ...state, isEnded: true };
  if (event.from > state.length) return 'gap';

  const fresh = event.text.slice(state.length - event.from);
  if (fresh === '') return state;
  return { ...state, parts: extend(state.parts, event.part, event.kind, fresh), length: state.length + fresh.length };
}

function extend(parts: readonly Part[], index: number, kind: PartKind, fresh: string): readonly Part[] {
  const grown = [...parts];
  while (grown.length < index) grown.push({ kind: 'TEXT', text: '' });
  grown[index] = { kind, text: (grown[index]?.text ?? '') + fresh };
  return grown;
}
