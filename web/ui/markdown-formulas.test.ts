import type { Nodes } from 'mdast';
import { describe, expect, test } from 'vitest';
import { growBlocks, noBlocks, type Blocks } from './markdown-blocks';
import { soundFormulas } from './markdown-formulas.fixtures';

function nodesOf({ settled, tail }: Blocks): Nodes[] {
  const all = (node: Nodes): Nodes[] => [
    node,
    ...('children' in node && node.children ? node.children.flatMap(all) : []),
  ];
  return [...settled, ...tail].flatMap(({ node }) => all(node));
}

function formulasOf(blocks: Blocks): string[] {
  return nodesOf(blocks).flatMap((node) => (node.type === 'formula' ? [node.tex] : []));
}

function wordsOf(blocks: Blocks): string {
  return nodesOf(blocks)
    .map((node) => (node.type === 'text' || node.type === 'inlineCode' ? node.value : ''))
    .join('');
}

const whole = (text: string) => growBlocks(noBlocks, text, false);

describe('what is a formula', () => {
  test.each([
    ['the sum \\( e^{i\\pi} \\) is', ['e^{i\\pi}']],
    ['\\[ \\int_0^1 x \\, dx \\]', ['\\int_0^1 x \\, dx']],
    ['$$x = y$$', ['x = y']],
    ['text $$x = y$$ text', ['x = y']],
    ['$x$', ['x']],
    ['with $a_1$ and $b_2$.', ['a_1', 'b_2']],
    ['Text:\n\\[\na\n= b\n- c\n+ d\n> e\n\\]\nmore', ['a\n= b\n- c\n+ d\n> e']],
    ['$$\na\n\nb\n$$', ['a\n\nb']],
    ['- item\n\n  $$\n  x\n  $$\n- other', ['x']],
    ['> \\[\n> x\n> \\]', ['x']],
    ['| a |\n|---|\n| $x^2$ |', ['x^2']],
    ['**bold $x$**', ['x']],
    ['$2x + 1$ and $5$ and $3 \\times 10^8$', ['2x + 1', '5', '3 \\times 10^8']],
    ['cost \\$5 and $x$', ['x']],
    ['设 $x$，则 $y=x^2$。', ['x', 'y=x^2']],
    ['$a$', ['a']],
    ['\\\\(x\\\\)', []],
  ])('%j has the formulas %j', (text, formulas) => {
    expect(formulasOf(whole(text))).toEqual(formulas);
  });

  test.each([
    'It costs $5 and $10.',
    'from $5 to $10',
    '$5-$10 each',
    '$5/month or $50/year',
    '$5k per seat, $20k in all',
    'US$5 and US$10',
    'between $5 or 7$ and more',
    'от $5 до $10, с $5 и $10',
    '$1,000.50 is more than $999, said he.',
    'use $HOME and $PATH here',
    'just $ alone and $ again',
    '`$x$` and `\\(y\\)` in code',
    '```\n$$\nx\n$$\n\\[ y \\]\n```',
    '~~~\n$x$\n~~~',
    '    $x$',
    '$$ unclosed\n\nnext $$ paragraph',
    '\\( unclosed\n\nnext',
    `$${'x'.repeat(2_001)}$`,
    `\\[${'x'.repeat(2_001)}\\]`,
    '$$$$ and \\(\\)',
  ])('%j has none', (text) => {
    expect(formulasOf(whole(text))).toEqual([]);
  });
});

describe('a growing text', () => {
  const wrapped = (tex: string) => [
    `Let \\(${tex}\\) be`,
    `Let $${tex}$ be`,
    `So:\n\\[\n${tex}\n\\]\nand`,
    `$$${tex}$$\n\nEnd.`,
  ];

  test('never shows a part of a formula, split at every character', () => {
    for (const text of soundFormulas.flatMap(wrapped)) {
      let blocks = noBlocks;
      let isDrawn = false;
      for (let length = 1; length <= text.length; length++) {
        blocks = growBlocks(blocks, text.slice(0, length), true);
        expect(wordsOf(blocks), text.slice(0, length)).toMatch(/^[A-Za-z:.\s]*$/);
        const hasFormula = formulasOf(blocks).some((tex) => tex !== '…');
        expect(hasFormula || !isDrawn, text.slice(0, length)).toBe(true);
        isDrawn = hasFormula;
      }
      expect(isDrawn, text).toBe(true);
      expect(formulasOf(growBlocks(blocks, text, false))).toEqual(formulasOf(whole(text)));
    }
  });

  test('shows prices as they are written, but for the last words', () => {
    const text = 'It costs from $5 to $10, or $100 a year.';
    let blocks = noBlocks;
    for (let length = 1; length <= text.length; length++) {
      blocks = growBlocks(blocks, text.slice(0, length), true);
      const shown = wordsOf(blocks);
      expect(text.startsWith(shown), shown).toBe(true);
      expect(length - shown.length, shown).toBeLessThanOrEqual(12);
    }
  });
});
