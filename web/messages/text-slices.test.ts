import fc from 'fast-check';
import type { Nodes } from 'mdast';
import { expect, test } from 'vitest';

import { growBlocks, noBlocks } from '../ui/markdown-blocks';
import { parseMarkdown, type Definitions } from '../ui/markdown-syntax';
import { growSlices, noSlices } from './text-slices';

const long = 'A paragraph that is long enough.';
const shortest = long.length;
const whole = { isGrowing: false, shortest };
const growing = { isGrowing: true, shortest };

/** Lines that open, close or go on with a block, and those that only look so. */
const pieces = fc.array(
  fc.constantFrom(
    '\n',
    '\n\n',
    `${long}\n\n`,
    'Text.\n',
    '**Bold** text.\n\n',
    '# Heading\n',
    '- item\n',
    '- item\n\n  goes on\n',
    '  - nested\n\n',
    '1. first\n\n',
    '   ```ts\n   in the item\n\n',
    '10) tenth\n',
    '> quoted\n\n',
    '```ts\n',
    '```\n',
    '````md\n```\n',
    '````\n\n',
    '~~~\n',
    'code that looks like text\n\n',
    '  ```\n',
    '    indented\n\n',
    '| a | b |\n|---|---|\n| 1 | 2 |\n\n',
    '<!-- a comment\n\n',
    '$$\nx + 1\n',
    '$$\n\n',
    '\\[\n',
    'y \\]\n\n',
    'still one -->\n',
    '<pre>\n\n',
    '</pre>\n',
    '<div>\n\n',
    '<b>bold</b>\n',
    '$$\n',
    '\\[\n',
    'See [the manual][Manual] and [site].\n\n',
    '[manual]: https://example.org/manual\n',
    '[site]: https://example.org\n\n',
    '[not one]: of a paragraph',
    '---\n',
    'Title\n===\n\n',
  ),
  { minLength: 2, maxLength: 24 },
);

test('the slices show what the whole shows', () => {
  let cut = 0;
  fc.assert(
    fc.property(pieces, (parts) => {
      // This parser knows no formulas: it would see definitions in them.
      const hasFormula = parts.some((part) => part === '$$\n' || part === '\\[\n');
      const text = parts.filter((part) => !hasFormula || !part.startsWith('[')).join('');
      const { texts } = growSlices(noSlices, text, whole);
      cut += texts.length - 1;
      const { definitions } = growBlocks(noBlocks, text, false);
      expect(texts.flatMap((slice) => blocksOf(slice, definitions))).toEqual(blocksOf(text, definitions));
    }),
    { numRuns: 1_000, seed: 7 },
  );
  expect(cut).toBeGreaterThan(100);
});

test('a text that grows is cut as one that is there at once, and slices that are whole stay as they are', () => {
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(400), { maxLength: 12 }), (parts, lengths) => {
      const text = parts.join('');
      let grown = noSlices;
      for (const length of [...lengths.toSorted((a, b) => a - b), text.length]) {
        const before = grown.texts.slice(0, -1);
        grown = growSlices(grown, text.slice(0, length), growing);
        expect(grown.texts.slice(0, before.length)).toEqual(before);
      }
      expect(growSlices(grown, text, whole).texts).toEqual(growSlices(noSlices, text, whole).texts);
    }),
    { numRuns: 200, seed: 7 },
  );
});

test('a replaced text is cut again', () => {
  const before = growSlices(noSlices, `${long}\n\nBefore.`, whole);
  expect(growSlices(before, `${long.toUpperCase()}\n\nAfter.`, whole).texts).toEqual([
    `${long.toUpperCase()}\n\n`,
    'After.',
  ]);
});

test.for(['[manual]: https://example.org/manual', '[^1]: Its source.'])('%s changes no slice', (definition) => {
  const text = `See [the manual][manual].[^1]\n\n${long}\n\n${long}\n\n${long}\n\n`;
  const before = growSlices(noSlices, text, whole).texts;
  expect(before).toHaveLength(3);
  expect(growSlices(noSlices, `${text}${definition}`, whole).texts).toEqual([
    ...before.slice(0, -1),
    `${before.at(-1)}${definition}`,
  ]);
});

/** Its blocks as the parser sees them, without where they stand; definitions are not shown. */
function blocksOf(text: string, known: Definitions): object[] {
  const { children } = parseMarkdown(text, known);
  return children.filter(({ type }) => type !== 'definition').map(withoutPosition);
}

function withoutPosition(positioned: Nodes): object {
  const node = { ...positioned, position: undefined };
  // Blank lines at the end of code that is never closed depend on where it ends, and are not shown.
  if (node.type === 'code') return { ...node, value: node.value.trimEnd() };
  return 'children' in node && node.children ? { ...node, children: node.children.map(withoutPosition) } : node;
}
