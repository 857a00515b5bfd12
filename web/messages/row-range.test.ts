import fc from 'fast-check';
import { expect, test } from 'vitest';

import { balanced, carriedOver, covering, noRows, WHOLE_ROWS, withGaps, type RowRange } from './row-range';

const idsOf = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `m${from + index}`);
const shown = (ids: readonly string[], { from, to }: RowRange) => ids.slice(from, to);

test('a short thread is in the page as a whole, of a long one the end', () => {
  expect(carriedOver(noRows, idsOf(0, WHOLE_ROWS), true).range).toEqual({ from: 0, to: WHOLE_ROWS });
  const { range } = carriedOver(noRows, idsOf(0, 2_000), true);
  expect(range.to).toBe(2_000);
  expect(range.from).toBeGreaterThan(1_900);
});

test('rows that are loaded above leave the same rows in the page', () => {
  const before = { ids: idsOf(50, 150), range: { from: 10, to: 60 } };
  const { ids, range } = carriedOver(before, idsOf(0, 150), false);
  expect(shown(ids, range)).toEqual(shown(before.ids, before.range));
});

test('a new message is in the page of a reader who is at the end, and of no other', () => {
  const before = { ids: idsOf(0, 100), range: { from: 80, to: 100 } };
  expect(carriedOver(before, idsOf(0, 101), true).range).toEqual({ from: 80, to: 101 });
  expect(carriedOver(before, idsOf(0, 101), false).range).toEqual({ from: 80, to: 100 });
});

test('another branch keeps the rows that both have', () => {
  const before = { ids: idsOf(0, 100), range: { from: 40, to: 100 } };
  const ids = [...idsOf(0, 60), ...idsOf(200, 300)];
  const { range } = carriedOver(before, ids, false);
  expect(range.from).toBe(40);
  expect(range.to).toBeGreaterThan(60);
});

const count = fc.integer({ min: WHOLE_ROWS + 1, max: 500 });
const rangeIn = (most: number) =>
  fc.tuple(fc.nat(most - 1), fc.nat(most - 1)).map(([one, other]) => ({
    from: Math.min(one, other),
    to: Math.max(one, other) + 1,
  }));

test('what is near the view is in the page, and the rest comes to a bounded number', () => {
  fc.assert(
    fc.property(
      count.chain((rows) => fc.tuple(fc.constant(rows), rangeIn(rows), rangeIn(rows))),
      ([rows, before, { from }]) => {
        const near = { from, to: Math.min(rows, from + 10) };
        let range = covering(before, near);
        for (let steps = 0; steps < 1_000; steps += 1) {
          const next = balanced(range, near, rows);
          if (next === range) break;
          expect(steps).toBeLessThan(999);
          range = next;
        }
        expect(range.from).toBeLessThanOrEqual(near.from);
        expect(range.to).toBeGreaterThanOrEqual(near.to);
        expect(range.to - range.from).toBeLessThanOrEqual(80);
        expect(near.from - range.from >= 20 || range.from === 0).toBe(true);
        expect(range.to - near.to >= 20 || range.to === rows).toBe(true);
      },
    ),
  );
});

test('rows and gaps together are all rows in their order', () => {
  fc.assert(
    fc.property(
      count.chain((rows) => fc.tuple(fc.constant(rows), rangeIn(rows), fc.array(fc.nat(rows - 1), { maxLength: 5 }))),
      ([rows, range, kept]) => {
        const ids = idsOf(0, rows);
        const items = withGaps({ ids, range }, (id) => kept.some((index) => ids[index] === id));
        const all = items.flatMap((item) =>
          typeof item === 'number' ? [item] : Array.from({ length: item.to - item.from }, (_, at) => item.from + at),
        );
        expect(all).toEqual([...ids.keys()]);
        for (const index of kept) expect(items).toContain(index);
        for (let index = range.from; index < range.to; index += 1) expect(items).toContain(index);
      },
    ),
  );
});
