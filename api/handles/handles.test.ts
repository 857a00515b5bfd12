import fc from 'fast-check';
import { expect, test } from 'vitest';

import { handleFrom, HANDLE_PATTERN } from './handles.ts';

test.each([
  ['Ann Lee', 'ann.lee'],
  ['Анна', 'anna'],
  ['Ødegård, Søren', 'odegard.soren'],
  ['北京', 'bei.jing'],
  ['  --Zoë--  ', 'zoe'],
  ['a', ''],
  ['!!!', ''],
  ['Everyone', ''],
  ['x'.repeat(100), 'x'.repeat(24)],
])('%j has the handle %j', (name, handle) => {
  expect(handleFrom(name)).toBe(handle);
});

test('whatever the name, its handle has the form of one, or there is none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (name) => {
      const handle = handleFrom(name);
      expect(handle === '' || HANDLE_PATTERN.test(handle)).toBe(true);
    }),
  );
});
