export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** Beyond this many comparisons the middle is shown as replaced, rather than keeping the reader waiting. */
const MOST_COMPARISONS = 4_000_000;

/** The lines that lead from one text to another, by their longest common subsequence. */
export function diffLines(before: string, after: string): DiffLine[] {
  const old = linesOf(before);
  const fresh = linesOf(after);
  const start = commonStart(old, fresh);
  const end = commonEnd(old, fresh, start);
  const oldMiddle = old.slice(start, old.length - end);
  const freshMiddle = fresh.slice(start, fresh.length - end);
  const as =
    (kind: DiffLine['kind']) =>
    (text: string): DiffLine => ({ kind, text });

  const middle =
    oldMiddle.length * freshMiddle.length > MOST_COMPARISONS
      ? [...oldMiddle.map(as('removed')), ...freshMiddle.map(as('added'))]
      : walk(oldMiddle, freshMiddle);
  return [...old.slice(0, start).map(as('same')), ...middle, ...old.slice(old.length - end).map(as('same'))];
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

function commonStart(one: readonly string[], other: readonly string[]): number {
  const most = Math.min(one.length, other.length);
  let count = 0;
  while (count < most && one[count] === other[count]) count++;
  return count;
}

function commonEnd(one: readonly string[], other: readonly string[], start: number): number {
  const most = Math.min(one.length, other.length) - start;
  let count = 0;
  while (count < most && one[one.length - 1 - count] === other[other.length - 1 - count]) count++;
  return count;
}

function walk(old: readonly string[], fresh: readonly string[]): DiffLine[] {
  const width = fresh.length + 1;
  // common[i * width + j]: how many lines old[i…] and fresh[j…] can share in order.
  const common = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = fresh.length - 1; j >= 0; j--) {
      common[i * width + j] = old[i] === fresh[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }

  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < fresh.length) {
    const [was, is] = [old[i], fresh[j]];
    if (was !== undefined && was === is) {
      lines.push({ kind: 'same', text: was });
      i++;
      j++;
    } else if (was !== undefined && (is === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: 'removed', text: was });
      i++;
    } else {
      lines.push({ kind: 'added', text: is ?? '' });
      j++;
    }
  }
  return lines;
}
