import { diffArrays } from 'diff';

export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** Beyond this many added and removed lines all is shown as replaced, rather than keeping the reader waiting. */
const MOST_CHANGES = 4_000;

/** The lines that lead from one text to another. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const changes = diffArrays(old, fresh, { maxEditLength: MOST_CHANGES });
  if (!changes) return [...as('removed', old), ...as('added', fresh)];
  return changes.flatMap(({ added, removed, value }) => as(added ? 'added' : removed ? 'removed' : 'same', value));
}

function as(kind: DiffLine['kind'], lines: readonly string[]): DiffLine[] {
  return lines.map((text) => ({ kind, text }));
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}
