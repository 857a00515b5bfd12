import { describe, expect, test } from 'vitest';
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
  ['the sum \\(x^2', 'the sum \\(…\\)'],
  ['the sum $x_1', 'the sum \\(…\\)'],
  ['so:\n\\[\nx', 'so:\n\\[…\\]'],
  ['so:\n\n$$\nx\n\n', 'so:\n\n\\[…\\]'],
  ['**bold $x$', '**bold $x$**'],
  ['$a_1$ and $b*2$ are', '$a_1$ and $b*2$ are'],
  ['it costs $5', 'it costs '],
  ['it costs $5 and', 'it costs '],
  ['it costs $5 and ', 'it costs $5 and '],
  ['```ts\nconst a = 1;\n```', '```ts\nconst a = 1;\n```'],
  ['`$x` and `\\(', '`$x` and `\\(`'],
  ['a backslash \\', 'a backslash '],
])('%j is shown as %j', (raw, shown) => {
  expect(heal(raw)).toBe(shown);
});

describe('in an answer that is over', () => {
  test.each([
    'The price is $5',
    'It costs $20 per',
    'PATH is $HOME',
    '$$\n\\int x dx',
    'so:\n\\[\nx_1 * y',
    'the sum \\(a*b',
    'the sum $x_1',
    'a [link',
    'a [link](https://exa',
    'an ![image](https://exa',
    'an ![image',
    'the folder C:\\',
    '```ts\nconst a = 1;\n``',
    'nothing to do',
  ])('%j is shown as written', (raw) => {
    expect(heal(raw, { isComplete: true })).toBe(raw);
  });

  test.each([
    ['some **bold', 'some **bold**'],
    ['**It costs $5 and *more', '**It costs $5 and *more***'],
    ['**bold and $x_1', '**bold and $x_1**'],
    ['**see [link](https://exa', '**see [link](https://exa**'],
    ['**the folder C:\\', '**the folder C:\\\\**'],
    ['a `code', 'a `code`'],
    ['| a | $5 |', '| a | $5 |\n|---|---|'],
  ])('the marks of %j are closed', (raw, shown) => {
    expect(heal(raw, { isComplete: true })).toBe(shown);
  });
});

test('a text with thousands of open marks gets no closing ones', () => {
  const raw = `${'*a **b '.repeat(6_000)}end`;
  expect(heal(raw).length - raw.length).toBeLessThanOrEqual(20);
  expect(heal('*a **b *c')).toBe('*a **b *c****');
});
