import { expect, test } from 'vitest';

import { nameAtCaret } from './create-mention-completion';

test.each([
  ['@', 1, ''],
  ['Hi @an', 6, 'an'],
  ['Hi @анна', 8, 'анна'],
  ['(@an', 4, 'an'],
  ['@an and more', 3, 'an'],
])('in %j a name is typed at %i', (text, caret, search) => {
  expect(nameAtCaret(text, caret)).toEqual({ from: caret - search.length - 1, search });
});

test.each([
  ['Hi', 2],
  ['a@b', 3],
  ['https://x.org/@an', 17],
  ['@an ', 4],
  ['@an', 0],
])('in %j none is typed at %i', (text, caret) => {
  expect(nameAtCaret(text, caret)).toBeNull();
});
