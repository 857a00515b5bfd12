import fc from 'fast-check';
import type * as Library from 'mdast-util-from-markdown';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { growBlocks, noBlocks, type Blocks } from './markdown-blocks';
import { parseMarkdown } from './markdown-syntax';
import { prepare } from './markdown-trees';

const parsed = vi.hoisted(() => ({ characters: 0 }));

vi.mock('mdast-util-from-markdown', async (original) => {
  const library = await original<typeof Library>();
  function fromMarkdown(...args: Parameters<typeof library.fromMarkdown>) {
    parsed.characters += String(args[0]).length;
    return library.fromMarkdown(...args);
  }
  return { ...library, fromMarkdown };
});

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
  '[^1]: a note\n',
  '```ts\n  [key: string]: string;\n```\n',
  '- a\n- b\n- c\n- d\n- e\n- f\n- g\n\n- h\n',
  '1. a\n\n2. b\n3. c\n4. d\n5. e\n6. f\n   ```\n   x\n   ```\n7. g [ref]\n',
  `| a | b |\n|---|---|\n${'| 1 | *2* |\n'.repeat(9)}\n`,
  `\`\`\`\n${'line\n\n'.repeat(14)}\`\`\`\n`,
  'with $x^2$ and \\(y\\)\n',
  '\\[\nx\n= y\n\\]\n',
  '$$\na\n\nb\n$$\n',
  'a <sub>b</sub><br>\n',
);
// No formula right below HTML: it belongs to the HTML then, but whatever looks for open formulas pairs its marks.
const text = fc
  .array(piece, { maxLength: 12 })
  .map((pieces) => pieces.join(''))
  .filter((whole) => !/<\/div>\n(?:\$\$|\\\[)/.test(whole));
const all = ({ settled, tail }: Blocks) => [...settled, ...tail];
const sources = (blocks: Blocks): string[] => all(blocks).map(({ source }) => source);
const bare = (nodes: unknown): unknown =>
  JSON.parse(
    JSON.stringify(nodes, (key, value: unknown) => (key === 'position' || key === 'data' ? undefined : value)),
  );
const grow = (whole: string, cuts: readonly number[]): Blocks => {
  let blocks = noBlocks;
  for (const cut of cuts.toSorted((one, other) => one - other)) blocks = growBlocks(blocks, whole.slice(0, cut), true);
  return growBlocks(blocks, whole, false);
};

test('however a text grew, the end is what parsing it at once gives', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 600 }), { maxLength: 25 }), (whole, cuts) => {
      const grown = grow(whole, cuts);
      const atOnce = growBlocks(noBlocks, whole, false);
      expect(sources(grown)).toEqual(sources(atOnce));
      expect(bare(all(grown))).toEqual(bare(all(atOnce)));
    }),
    { numRuns: 400 },
  );
});

// By itself, what stands right below a definition would be a list, also when it is parsed again for a label in it.
const belowDefinition = '[ref]: https://example.com\n2. second\n[ref]: https://example.com\n<div>\n\nraw\n\n</div>\n';

test('a text is parsed in blocks as it is in one', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 600 }), { maxLength: 25 }), (whole, cuts) => {
      const nodes = all(grow(whole, cuts)).map(({ node }) => node);
      const { children } = parseMarkdown(whole, new Map());
      expect(bare(nodes)).toEqual(bare(children.map((node) => prepare(node))));
    }),
    { numRuns: 400, examples: [[belowDefinition, []]] },
  );
});

describe('how much is parsed', () => {
  beforeEach(() => {
    parsed.characters = 0;
  });

  const prose = 'Some words of a paragraph that is not long, and then a few more of them.\n\n';
  const code = '```ts\ninterface Names {\n  [name: string]: string;\n[x]: 1\n}\n```\n\n';
  test.for([
    ['prose and code with `[x]:` in it', `${prose}${code}`.repeat(330)],
    ['links defined at the end', `See [1].\n\n${prose.repeat(600)}[1]: https://example.com\n\n${prose.repeat(30)}`],
    ['one long list', '- An item with some words in it, and [x]: more\n'.repeat(1_000)],
    [
      'a long table',
      `| a | b |\n|---|---|\n${'| some words | other words, and more of them |\n'.repeat(1_000)}\n${prose}`,
    ],
    ['long code', `\`\`\`ts\n${'const name = "a line of code";\n\n'.repeat(1_400)}\`\`\`\n\n${prose}`],
  ] as const)(
    'of 48 KB of %s, in deltas of 40 characters, each character is parsed a bounded number of times',
    ([, whole]) => {
      let blocks = noBlocks;
      for (let length = 40; length < whole.length; length += 40)
        blocks = growBlocks(blocks, whole.slice(0, length), true);
      expect(whole.length).toBeGreaterThan(44_000);
      // With two open blocks each character is parsed in about as many deltas as two blocks take to be written.
      expect(parsed.characters / whole.length).toBeLessThan(25);
      expect(
        sources(growBlocks(blocks, whole, false))
          .join('')
          .trimEnd(),
      ).toBe(whole.trimEnd());
    },
  );
});

test('a definition inside of code defines nothing', () => {
  const blocks = growBlocks(noBlocks, 'See [x].\n\n```\n[x]: https://example.com\n```\n\nEnd.', false);
  expect(blocks.definitions.size).toBe(0);
  expect(all(blocks)).toHaveLength(3);
});

test('with a definition the blocks stay, and only those that name it change', () => {
  const before = growBlocks(noBlocks, 'See [x].\n\nTwo.\n\nThree.\n\nFour.', true);
  const after = growBlocks(
    before,
    'See [x].\n\nTwo.\n\nThree.\n\nFour.\n\n[X]: https://example.com\n\nFive.\n\nSix.',
    true,
  );
  expect(after.settled[1]).toBe(before.settled[1]);
  expect(JSON.stringify(before.settled[0]?.node)).not.toContain('linkReference');
  expect(JSON.stringify(after.settled[0]?.node)).toContain('linkReference');
});

test('settled blocks keep their identity', () => {
  const before = growBlocks(noBlocks, 'one\n\ntwo\n\nthree\n\nfo', true);
  const after = growBlocks(before, 'one\n\ntwo\n\nthree\n\nfour\n\nfive', true);
  expect(before.settled).toHaveLength(2);
  expect(after.settled[0]).toBe(before.settled[0]);
  expect(after.settled[1]).toBe(before.settled[1]);
});

test('a block of code knows that its fence is still open', () => {
  const isOpen = (source: string, isGrowing: boolean) =>
    JSON.stringify(growBlocks(noBlocks, source, isGrowing).tail).includes('isOpen');
  expect(isOpen('```ts\nconst x', true)).toBe(true);
  expect(isOpen('- item\n  ```ts\n  const x', true)).toBe(true);
  expect(isOpen('```ts\nconst x\n```', true)).toBe(false);
  expect(isOpen('```ts\nconst x', false)).toBe(false);
});
