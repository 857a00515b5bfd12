import { expect, test } from 'vitest';

import { MOST_NAMES, namesIn, readingsOf } from './names.ts';

test.each([
  ['plain words', 'Hello @anna and @Bob!', ['anna', 'bob']],
  ['each name once, in order', '@bo @an @bo', ['bo', 'an']],
  ['punctuation around it', '(@anna), "@bob": *@carl* [@dora](https://example.org)', ['anna', 'bob', 'carl', 'dora']],
  ['a name of all allowed characters', 'ask @anna.li_2-b now', ['anna.li_2-b']],
  ['an address is no name', 'mail a@example.org or https://example.org/@anna', []],
  ['a name inside a word is none', 'x@anna ж@anna @@anna', []],
  ['letters of other scripts end no name', '@annaж', []],
  ['one letter is no name', '@a b', []],
  ['a span of code', 'say `@anna` and ``a ` @bob`` to @carl', ['carl']],
  ['a span of code over two lines', 'say `a\n@anna` to @carl', ['carl']],
  ['a backtick that closes nowhere', 'say ` to @carl', ['carl']],
  ['an escaped backtick', 'say \\` and `@anna` to @carl', ['carl']],
  ['fenced code', '```\n@anna\n```\n@bob\n~~~js\n@carl\n~~~~\n@dora', ['bob', 'dora']],
  ['a fence that nothing closes', 'hi @bob\n```\n@anna', ['bob']],
  ['a shorter fence closes nothing', '````\n@anna\n```\n@bob\n````\n@carl', ['carl']],
  ['fenced code in a list', '- a\n  ```\n  @anna\n  ```\n- @bob', ['bob']],
  ['indented code', 'a\n\n    @anna\n\n@bob', ['bob']],
  ['an indented line of a paragraph', 'a\n    @anna', ['anna']],
  ['an indented line of a list', '- a\n\n    @anna', ['anna']],
  ['a quote', '> @anna said\nand so on @bob\n\n@carl', ['carl']],
  ['a quote in a list', '- > @anna\n\n@carl', ['carl']],
  ['Windows line ends', '> @anna\r\n\r\n@carl', ['carl']],
])('names are read from %s', (_what, text, names) => {
  expect(namesIn(text)).toEqual(names);
});

test('no more names are read than the limit', () => {
  const text = Array.from({ length: 200 }, (_, number) => `@name${number}`).join(' ');
  expect(namesIn(text)).toHaveLength(MOST_NAMES);
});

test('a name may be followed by punctuation that handles may hold', () => {
  expect(readingsOf('anna.')).toEqual(['anna.', 'anna']);
  expect(readingsOf('a-._')).toEqual(['a-._', 'a-.', 'a-']);
  expect(readingsOf('anna')).toEqual(['anna']);
});

test.each([
  ['backticks of growing length', (length: number) => growing(length)],
  ['names', (length: number) => '@ab `'.repeat(length / 5)],
  ['quotes', (length: number) => '> @\n'.repeat(length / 4)],
  ['backslashes', (length: number) => `@ab ${'\\'.repeat(length)}\``],
  ['one name without an end', (length: number) => `@${'a.'.repeat(length / 2)}`],
  ['spaces', (length: number) => `@ab${' '.repeat(length)}`],
])('a text of %s is read in linear time', (_what, make) => {
  const short = fastest(make(10_000));
  const long = fastest(make(100_000));
  // Ten times the length; what grows with the square would take a hundred times as long.
  expect(long).toBeLessThan(Math.max(short, 0.5) * 40);
});

function growing(length: number): string {
  let text = '@ab ';
  for (let run = 1; text.length < length; run += 1) text += `${'`'.repeat(run)} `;
  return text;
}

function fastest(text: string): number {
  return Math.min(
    ...Array.from({ length: 10 }, () => {
      const start = performance.now();
      namesIn(text);
      return performance.now() - start;
    }),
  );
}
