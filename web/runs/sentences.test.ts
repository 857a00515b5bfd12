import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextSentences, restOf } from './sentences';

test('only what is finished is said', () => {
  expect(nextSentences('It works. Now we', 0)).toEqual({ words: 'It works.', upTo: 9 });
  expect(nextSentences('It works. Now we wait.\n', 9)).toEqual({ words: 'Now we wait.', upTo: 23 });
});

test('nothing is said twice, however it comes', () => {
  const text = 'One two. Three? «Да!» Four:\n- five\n- **six**. End. ';
  fc.assert(
    fc.property(fc.array(fc.nat({ max: text.length })), (cuts) => {
      let upTo = 0;
      const said: string[] = [];
      for (const cut of [...cuts.toSorted((one, other) => one - other), text.length]) {
        const next = nextSentences(text.slice(0, cut), upTo);
        upTo = next.upTo;
        if (next.words) said.push(next.words);
      }
      expect(said.join(' ')).toBe('One two. Three? «Да!» Four: - five - six . End.');
    }),
  );
});

test('what is left at the end is said whole', () => {
  expect(restOf('It works. Now we `wait`', 9)).toBe('Now we wait');
  expect(restOf('It works.', 9)).toBe('');
});
