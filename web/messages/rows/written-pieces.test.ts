import { expect, test } from 'vitest';

import { writtenPieces } from './written-pieces';

const shown = (text: string) => writtenPieces(text).map((piece) => [piece.kind, piece.text]);

test('code between backticks and between fences is apart from the words around it', () => {
  expect(shown('Run `npm ci` first:\n```sh\nnpm ci\n\n`x`\n```\nThen ``a ` b``.')).toEqual([
    ['text', 'Run '],
    ['code', 'npm ci'],
    ['text', ' first:'],
    ['block', 'npm ci\n\n`x`'],
    ['text', 'Then '],
    ['code', 'a ` b'],
    ['text', '.'],
  ]);
});

test('a fence that is not closed reaches to the end, and a single backtick is only a backtick', () => {
  expect(shown('~~~\none\n```')).toEqual([['block', 'one\n```']]);
  expect(shown('a ` b\n\nc \\` d `e')).toEqual([
    ['text', 'a ` b'],
    ['text', '\n\n'],
    ['text', 'c \\` d `e'],
  ]);
});

test.each([
  ['See https://example.org/a?b=1#c, please.', 'https://example.org/a?b=1#c'],
  ['(https://example.org/a_(b))', 'https://example.org/a_(b)'],
  ['HTTP://EXAMPLE.ORG!', 'HTTP://EXAMPLE.ORG'],
  ['«https://пример.рф/путь».', 'https://пример.рф/путь'],
])('in %s, the link is %s', (text, link) => {
  expect(shown(text).filter(([kind]) => kind === 'link')).toEqual([['link', link]]);
  expect(
    shown(text)
      .map(([, words]) => words)
      .join(''),
  ).toBe(text);
});

const links = (text: string) => shown(text).flatMap(([kind, link]) => (kind === 'link' ? [link] : []));

test.each('。，、；：？！）」』】》〉”’…　｣·‐‑‒–—―'.split(''))('an address ends before %s', (mark) => {
  for (const address of ['https://example.com', 'https://example.com/a?b=c'])
    for (const before of ['见 ', '“', '']) {
      expect(links(`${before}${address}${mark}谢谢 好`)).toEqual([address]);
      expect(links(`${before}${address}${mark}https://example.org/x${mark}`)).toEqual([
        address,
        'https://example.org/x',
      ]);
    }
});

test.each([
  ['https://example.com谢谢', 'https://example.com'],
  ['https://example.comです', 'https://example.com'],
  ['https://example.com:8080입니다/a', 'https://example.com:8080'],
  ['https://example.com.谢谢', 'https://example.com'],
  ['https://例え.jp', 'https://例え.jp'],
  ['https://例え.jp谢谢', 'https://例え.jp'],
  ['https://www.例え.jp/a', 'https://www.例え.jp/a'],
  ['https://example.com/路径', 'https://example.com/路径'],
])('text right behind the host is no part of it: %s', (text, address) => {
  for (const before of ['', '见 ', '（', '“']) expect(links(`${before}${text} 好`)).toEqual([address]);
});

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  '<b>bold</b> **x**',
  'xhttps://example.org',
  'https://',
  '`https://example.org`',
])('%s holds no link', (text) => expect(shown(text).some(([kind]) => kind === 'link')).toBe(false));

test('a hostile text is read in linear time', () => {
  const time = (length: number) => {
    const parts = ['`', '` ', '``` ', '(', 'https://(', ')', '\\`', '?', '。https://a', '谢'];
    const texts = parts.map((part) => `https://a/${part.repeat(length)}x。`);
    texts.push(`https://例${'a'.repeat(length)}`);
    const begun = performance.now();
    for (const text of texts) writtenPieces(text);
    return performance.now() - begun;
  };
  time(1_000);
  expect(time(80_000)).toBeLessThan(Math.max(200, 100 * time(8_000)));
});
