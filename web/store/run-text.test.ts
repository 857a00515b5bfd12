import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyDelta, type Delta, nothingYet, type Part, type RunText } from './run-text';

const part: fc.Arbitrary<Part> = fc.record({
  kind: fc.constantFrom('TEXT', 'THINKING'),
  text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
});
const parts = fc.array(part, { minLength: 1, maxLength: 4 });

/** The whole canonical text cut into deltas from an offset on, as a server would after a reconnect. */
function deltasFrom(offset: number, whole: readonly Part[], size: number): Delta[] {
  const deltas: Delta[] = [];
  let start = 0;
  whole.forEach(({ kind, text }, index) => {
    const end = start + text.length;
    for (let from = Math.max(offset, start); from < end; from += size) {
      const to = Math.min(from + size, end);
      deltas.push({
        from,
        to,
        part: index,
        kind,
        text: text.slice(from - start, to - start),
      });
    }
    start = end;
  });
  return deltas;
}

test('cuts, repeats and overlaps come to exactly the text', () => {
  const connection = fc.record({
    back: fc.nat({ max: 6 }),
    size: fc.integer({ min: 1, max: 7 }),
    lasts: fc.nat({ max: 9 }),
  });
  fc.assert(
    fc.property(parts, fc.array(connection, { maxLength: 6 }), (whole, connections) => {
      let state: RunText = nothingYet;
      for (const { back, size, lasts } of [...connections, { back: 0, size: 5, lasts: Infinity }]) {
        const deltas = deltasFrom(Math.max(0, state.length - back), whole, size);
        for (const delta of deltas.slice(0, lasts)) {
          const next = applyDelta(state, delta);
          expect(next).not.toBe('gap');
          if (next !== 'gap') state = next;
        }
      }
      expect(state.parts).toEqual(whole);
      expect(state.length).toBe(whole.map(({ text }) => text).join('').length);
    }),
  );
});

test('a delta beyond what we have is a gap, and changes nothing', () => {
  fc.assert(
    fc.property(fc.nat({ max: 20 }), fc.integer({ min: 1, max: 20 }), (length, beyond) => {
      const state: RunText = { parts: [{ kind: 'TEXT', text: 'x'.repeat(length) }], length };
      const from = length + beyond;
      expect(applyDelta(state, { from, to: from + 1, part: 0, kind: 'TEXT', text: 'y' })).toBe('gap');
    }),
  );
});

test('what we have already leaves the state as it is, so that nothing is drawn again', () => {
  const state = applyDelta(nothingYet, {
    from: 0,
    to: 5,
    part: 0,
    kind: 'TEXT',
    text: 'hello',
  });
  expect(applyDelta(state as RunText, { from: 1, to: 4, part: 0, kind: 'TEXT', text: 'ell' })).toBe(state);
});
