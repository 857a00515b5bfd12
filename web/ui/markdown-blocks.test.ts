import fc from 'fast-check';
import { expect, test } from 'vitest';
import { growBlocks, noBlocks, type Blocks } from './markdown-blocks';

// No indented code: after it the parser itself, against CommonMark, takes "2. second" for a paragraph.
const piece = fc.constantFrom(
  'A paragraph with **bold** and `code`.\n\n',
  'Two lines\nof one paragraph\n',
  '# A heading\n',
  '- one\n- two\n',
  '\n\n- three\n\n  more of three\n',
  '1. first\n\n',
  '2. second\n',
  '> a quote\nlazily continued\n\n',
  '```ts\nconst x = 1;\n\nconst y = 2;\n```\n',
  '~~~\nleft open\n',
  '| a | b |\n|---|---|\n| 1 | 2 |\n\n',
  '***\n',
  'title\n---\n',
  '<div>\n\nraw\n\n</div>\n',
  '\n',
  '[ref]: https://example.com\n',
  'see [ref] and [^1]\n',
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const all = ({ settled, tail }: Blocks): string[] => [...settled, ...tail];

test('however a text grew, the end is what parsing it at once gives', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 400 }), { maxLength: 25 }), (whole, cuts) => {
      let blocks = noBlocks;
      for (const cut of cuts.toSorted((one, other) => one - other))
        blocks = growBlocks(blocks, whole.slice(0, cut), true);
      expect(all(growBlocks(blocks, whole, false))).toEqual(all(growBlocks(noBlocks, whole, false)));
    }),
    { numRuns: 400 },
  );
});

test('a text is parsed in blocks as it is in one', async () => {
  const { fromMarkdown } = await import('mdast-util-from-markdown');
  const { gfmFromMarkdown } = await import('mdast-util-gfm');
  const { gfm } = await import('micromark-extension-gfm');
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 400 }), { maxLength: 25 }), (whole, cuts) => {
      let blocks = noBlocks;
      for (const cut of cuts.toSorted((one, other) => one - other))
        blocks = growBlocks(blocks, whole.slice(0, cut), true);
      const parse = (source: string) =>
        fromMarkdown(source, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }).children;
      const bare = (nodes: unknown) =>
        JSON.parse(JSON.stringify(nodes, (key, value: unknown) => (key === 'position' ? undefined : value)));
      expect(bare(all(growBlocks(blocks, whole, false)).flatMap(parse))).toEqual(bare(parse(whole)));
    }),
    { numRuns: 400 },
  );
});

test('settled blocks keep their identity', () => {
  const before = growBlocks(noBlocks, 'one\n\ntwo\n\nthree\n\nfo', true);
  const after = growBlocks(before, 'one\n\ntwo\n\nthree\n\nfour\n\nfive', true);
  expect(before.settled).toHaveLength(2);
  expect(after.settled[0]).toBe(before.settled[0]);
  expect(after.settled[1]).toBe(before.settled[1]);
});

test('a block of code knows that its fence is still open', () => {
  expect(growBlocks(noBlocks, '```ts\nconst x', true).isOpen).toBe(true);
  expect(growBlocks(noBlocks, '```ts\nconst x\n```', true).isOpen).toBe(false);
  expect(growBlocks(noBlocks, '```ts\nconst x', false).isOpen).toBe(false);
});
