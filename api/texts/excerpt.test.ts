import fc from 'fast-check';
import { expect, test } from 'vitest';

import { lengthOf, type Part } from './parts.ts';
import { RunText } from './text.ts';
import { appendExcerpt, excerptAfter, wholeOf } from './excerpt.ts';

// Empty ones too: a model may open a part and say nothing in it.
const words = fc.string({ unit: 'grapheme', maxLength: 20 });
const part: fc.Arbitrary<Part> = fc.record({
  kind: fc.constantFrom('TEXT' as const, 'THINKING' as const),
  text: words,
});
const answer = fc.array(part, { maxLength: 6 });
const size = fc.integer({ min: 2, max: 30 });

test('excerpts that follow one another are the text, in the same parts', () => {
  fc.assert(
    fc.property(answer, size, (parts, most) => {
      const text = new RunText();
      const length = lengthOf(parts);
      while (text.length < length) {
        const before = text.length;
        const excerpt = excerptAfter(parts, before, most);
        expect(lengthOf(excerpt.parts)).toBeLessThanOrEqual(most);
        expect(excerpt.parts.every((each) => each.text.isWellFormed())).toBe(true);
        expect(appendExcerpt(text, excerpt)).toBe(true);
        expect(text.length).toBeGreaterThan(before);
      }
      // An empty part at the very end has no unit that would carry it; the end does.
      appendExcerpt(text, wholeOf(parts));
      expect(text.parts).toEqual(parts);
    }),
  );
});

test('repeated, out of order and from other places, they make the text or change nothing', () => {
  const shuffled = fc.array(fc.tuple(fc.nat(150), size), { maxLength: 30 });
  fc.assert(
    fc.property(answer, shuffled, (parts, cuts) => {
      const text = new RunText();
      const whole = joined(parts);
      for (const [cut, most] of cuts) {
        const from = /[\uDC00-\uDFFF]/.test(whole.charAt(cut)) ? cut - 1 : cut;
        const before = text.length;
        const isLaidOn = appendExcerpt(text, excerptAfter(parts, from, most));
        expect(whole.startsWith(joined(text.parts))).toBe(true);
        if (!isLaidOn) expect(text.length).toBe(before);
      }
      appendExcerpt(text, wholeOf(parts));
      expect(text.parts).toEqual(parts);
    }),
  );
});

test('what is not from the same text is not laid into an earlier part', () => {
  const text = new RunText();
  text.append(0, 'THINKING', 'Hm.');
  text.append(1, 'TEXT', 'Yes');
  expect(appendExcerpt(text, wholeOf([{ kind: 'TEXT', text: 'Something else' }]))).toBe(false);
  expect(joined(text.parts)).toBe('Hm.Yes');
});

function joined(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join('');
}
