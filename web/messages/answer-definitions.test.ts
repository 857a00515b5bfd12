import type * as Library from 'mdast-util-from-markdown';
import { beforeEach, expect, test, vi } from 'vitest';

import { collectDefinitions, noAnswerDefinitions } from './answer-definitions';
import { growSlices, noSlices } from './text-slices';

const parsed = vi.hoisted(() => ({ characters: 0 }));

vi.mock('mdast-util-from-markdown', async (original) => {
  const library = await original<typeof Library>();
  function fromMarkdown(...args: Parameters<typeof library.fromMarkdown>) {
    parsed.characters += String(args[0]).length;
    return library.fromMarkdown(...args);
  }
  return { ...library, fromMarkdown };
});

beforeEach(() => {
  parsed.characters = 0;
});

const prose = 'Some words of a paragraph that is not long, and then a few more of them.';
const sections = (section: (index: number) => string) => Array.from({ length: 300 }, (_, index) => section(index));

test.for([
  [
    'notes at the end',
    sections((n) => `${prose}[^${n}]\n\n${prose}\n\n`).join('') + sections((n) => `[^${n}]: Note.\n\n`).join(''),
  ],
  [
    'a note in each section',
    sections(
      (n) => `${prose}[^${n}] and [x${n}]\n\n[^${n}]: Note, see [x${n + 1}].\n\n[x${n}]: https://example.org\n\n`,
    ).join(''),
  ],
] as const)(
  'of a long answer with %s, in deltas of 40 characters, each character is parsed a bounded number of times',
  ([, text]) => {
    let slices = noSlices;
    let collected = noAnswerDefinitions;
    for (let length = 40; length < text.length + 40; length += 40) {
      slices = growSlices(slices, text.slice(0, length), { isGrowing: length < text.length });
      collected = collectDefinitions(collected, slices.texts, length < text.length);
    }
    expect(slices.texts.length).toBeGreaterThan(10);
    expect(collected.notes).toHaveLength(300);
    expect(parsed.characters / text.length).toBeLessThan(25);
  },
);

test('without definitions nothing is parsed', () => {
  const { texts } = growSlices(noSlices, `${prose}[^1] and [x].\n\n`.repeat(100), { isGrowing: false });
  expect(collectDefinitions(noAnswerDefinitions, texts, false).definitions.size).toBe(0);
  expect(parsed.characters).toBe(0);
});

test('more text without definitions leaves the collected objects the same', () => {
  const text = `A claim.[^1] See [x].\n\n[^1]: Note.\n\n[x]: https://example.org\n\n${prose}\n\n${prose}\n\n`;
  const before = collectDefinitions(noAnswerDefinitions, [text], true);
  const after = collectDefinitions(before, [text + prose], true);
  expect(before.notes).toHaveLength(1);
  expect(after.definitions).toBe(before.definitions);
  expect(after.numbers).toBe(before.numbers);
  expect(after.notes).toBe(before.notes);
});
