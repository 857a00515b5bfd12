import { expect, test } from 'vitest';
import { heal } from './markdown-heal';

test.each([
  ['nothing to do', 'nothing to do'],
  ['some **bold', 'some **bold**'],
  ['some **bold*', 'some **bold**'],
  ['some *slanted', 'some *slanted*'],
  ['both ***at once', 'both ***at once***'],
  ['a `code', 'a `code`'],
  ['gone ~~out', 'gone ~~out~~'],
  ['snake_case stays', 'snake_case stays'],
  ['2 * 3 stays', '2 * 3 stays'],
  ['just opened **', 'just opened '],
  ['a [link', 'a link'],
  ['a [link](https://exa', 'a link'],
  ['an ![image](https://exa', 'an '],
  ['- [ ] task', '- [ ] task'],
  ['a paragraph\n-', 'a paragraph\n'],
  ['the answer: 42', 'the answer: 42'],
  ['42', '42'],
  ['| a | b |', '| a | b |\n|---|---|'],
  ['| a | b |\n|--', '| a | b |\n|---|---|'],
  ['```ts\nconst a = `x', '```ts\nconst a = `x'],
  ['```ts\nconst a = 1;\n``', '```ts\nconst a = 1;\n'],
  ['**done** and *so on*', '**done** and *so on*'],
  ['in `code with **` no', 'in `code with **` no'],
])('%j is shown as %j', (raw, shown) => {
  expect(heal(raw)).toBe(shown);
});
