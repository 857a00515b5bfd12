/** Which rows of a thread are in the page. The others are let go: a gap of their height stands in their place. */

/** From the index `from` up to, without, `to`. */
export interface RowRange {
  from: number;
  to: number;
}

export interface RowRangeState {
  /** Of all rows. */
  ids: readonly string[];
  range: RowRange;
}

/** A thread of no more rows is in the page as a whole. */
export const WHOLE_ROWS = 30;
/** Of a long thread, this many rows are there at first. */
const FIRST_ROWS = 12;
/** Rows on each side of those near the view that are made when the browser is idle. */
const IDLE_ROWS = 20;
/** With more on a side, rows are let go until `IDLE_ROWS` are left. */
const MOST_ROWS = 35;
/** What one idle time can spend. */
const STEP_ROWS = 3;

export const noRows: RowRangeState = { ids: [], range: { from: 0, to: 0 } };

/** The same rows, as far as they still exist, among other ones. A reader at the end also gets the rows that are new there. */
export function carriedOver(
  { ids: before, range }: RowRangeState,
  ids: readonly string[],
  isAtEnd: boolean,
): RowRangeState {
  if (ids.length <= WHOLE_ROWS) return { ids, range: { from: 0, to: ids.length } };
  const size = Math.max(FIRST_ROWS, range.to - range.from);
  const first = range.to > range.from ? ids.indexOf(before[range.from] ?? '') : -1;
  const last = range.to > range.from ? ids.indexOf(before[range.to - 1] ?? '') : -1;
  const wasAtEnd = range.to === before.length;
  if (isAtEnd && wasAtEnd) {
    const from = first < 0 ? ids.length - size : first;
    return { ids, range: { from: Math.max(from, ids.length - size - STEP_ROWS, 0), to: ids.length } };
  }
  if (first < 0 && last < 0) return { ids, range: endRange(ids.length) };
  const from = first < 0 ? Math.max(0, last + 1 - size) : first;
  const to = last < from ? from + size : last + 1;
  return { ids, range: { from, to: Math.min(to, from + 2 * MOST_ROWS, ids.length) } };
}

export function endRange(count: number): RowRange {
  return { from: count <= WHOLE_ROWS ? 0 : count - FIRST_ROWS, to: count };
}

export function rangeAround(index: number, count: number): RowRange {
  if (count <= WHOLE_ROWS) return { from: 0, to: count };
  const from = Math.max(0, index - FIRST_ROWS / 2);
  return { from, to: Math.min(count, from + FIRST_ROWS) };
}

/** With all rows that are near the view. What is far from them is let go at once: the reader went somewhere else. */
export function covering(range: RowRange, near: RowRange): RowRange {
  if (near.from >= range.from && near.to <= range.to) return range;
  if (near.from > range.to || near.to < range.from) return near;
  return { from: Math.min(range.from, near.from), to: Math.max(range.to, near.to) };
}

/** One step towards enough rows on each side, then towards not too many; the range itself where there is nothing to do. */
export function balanced(range: RowRange, near: RowRange, count: number): RowRange {
  const [above, below] = [near.from - range.from, range.to - near.to];
  if (above < IDLE_ROWS && range.from > 0 && (above <= below || range.to === count))
    return { ...range, from: Math.max(0, range.from - STEP_ROWS) };
  if (below < IDLE_ROWS && range.to < count) return { ...range, to: Math.min(count, range.to + STEP_ROWS) };
  if (above < IDLE_ROWS && range.from > 0) return { ...range, from: Math.max(0, range.from - STEP_ROWS) };
  if (count <= WHOLE_ROWS) return range;
  if (above > MOST_ROWS) return { ...range, from: near.from - IDLE_ROWS };
  if (below > MOST_ROWS) return { ...range, to: near.to + IDLE_ROWS };
  return range;
}

/** Rows that are in the page, and between them the ranges of those that are not. */
export function withGaps({ ids, range }: RowRangeState, isKept: (id: string) => boolean): (number | RowRange)[] {
  const items: (number | RowRange)[] = [];
  for (const [index, id] of ids.entries()) {
    const last = items.at(-1);
    if ((index >= range.from && index < range.to) || isKept(id)) items.push(index);
    else if (typeof last === 'object') last.to = index + 1;
    else items.push({ from: index, to: index + 1 });
  }
  return items;
}
