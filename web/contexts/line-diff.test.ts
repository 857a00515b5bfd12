import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from './line-diff';

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));

test('what stays and goes is the old text, what stays and comes is the new one', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after);
      const without = (kind: string) => lines.filter((line) => line.kind !== kind).map((line) => line.text);
      expect(without('added')).toEqual(before === '' ? [] : before.split('\n'));
      expect(without('removed')).toEqual(after === '' ? [] : after.split('\n'));
    }),
  );
});

test('a changed line is the only one that differs', () => {
  const changed = diffLines('one\ntwo\nthree', 'one\n2\nthree').filter((line) => line.kind !== 'same');
  expect(changed).toEqual([
    { kind: 'removed', text: 'two' },
    { kind: 'added', text: '2' },
  ]);
});

test('texts with nothing in common are shown as replaced, and soon', () => {
  const numbered = (name: string) => Array.from({ length: 20_000 }, (_, index) => `${name}${index}`).join('\n');
  const lines = diffLines(numbered('a'), numbered('b'));
  expect(lines.map(({ kind }) => kind).lastIndexOf('removed')).toBe(19_999);
  expect(lines).toHaveLength(40_000);
});
