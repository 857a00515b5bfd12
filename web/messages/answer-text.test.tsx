import { fireEvent, render, within } from '@solidjs/testing-library';
import fc from 'fast-check';
import { createSignal } from 'solid-js';
import { expect, test } from 'vitest';

import { Markdown } from '../ui/markdown';
import { AnswerText } from './answer-text';
import { SHORTEST_SLICE } from './text-slices';

/** Longer than a slice, in a few blocks. */
const filler = `${'Some words of a long paragraph. '.repeat(SHORTEST_SLICE / 90)}\n\n`.repeat(4);

function renderGrowing(start: string) {
  const [text, setText] = createSignal(start);
  const [isGrowing, setGrowing] = createSignal(true);
  const { container, unmount } = render(() => <AnswerText text={text()} isGrowing={isGrowing()} isKept />);
  const write = (more: string) => setText((before) => before + more);
  const end = () => setGrowing(false);
  return { container, unmount, setText, write, end };
}

function renderWhole(text: string): string {
  const { container, unmount } = render(() => <AnswerText text={text} isGrowing={false} isKept />);
  const html = shown(container);
  unmount();
  return html;
}

/** Without what says only where a node came from. */
function shown(element: Element): string {
  return element.innerHTML.replaceAll(/ key="[^"]*"/g, '').replaceAll(/<!--.*?-->/g, '');
}

/** Of the text itself, without its footnotes. */
function linksIn(element: Element): string[] {
  return [...element.querySelectorAll<HTMLAnchorElement>('.prose > :not(.md-footnotes) a')].map(({ href }) => href);
}

function linksOfOneSlice(text: string): string[] {
  const { container, unmount } = render(() => <Markdown text={text} />);
  const links = linksIn(container);
  unmount();
  return links;
}

const blocksIn = (element: Element) => [...element.querySelectorAll('[data-slice] .prose > *')];

function expectSame(after: readonly unknown[], before: readonly unknown[]) {
  expect(after.length).toBeGreaterThanOrEqual(before.length);
  expect(before.findIndex((each, index) => each !== after[index])).toBe(-1);
}

/** A change to an attribute, to a text or to the children of any node. */
async function changedIn(elements: readonly Element[], act: () => void): Promise<Element[]> {
  const changed = new Set<Element>();
  const observers = elements.map((element) => {
    const observer = new MutationObserver(() => changed.add(element));
    observer.observe(element, { attributes: true, characterData: true, childList: true, subtree: true });
    return observer;
  });
  act();
  await Promise.resolve();
  for (const observer of observers) observer.disconnect();
  return [...changed];
}

const pieces = fc.array(
  fc.constantFrom(
    filler,
    filler,
    'See [the manual][a] and [b].\n\n',
    'A claim.[^1] Another.[^two]\n\n',
    '- an item with [a]\n- one with a note[^1]\n\n',
    '> quoted [b][^two]\n\n',
    '| a |\n|---|\n| [a] |\n\n',
    '## Heading [b]\n\n',
    '[a]: https://example.org/a\n\n',
    '[a]: https://example.org/another\n\n',
    '[b]: https://example.org/b "Title"\n\n',
    '[^1]: The note, see [a].\n\n',
    '[^two]: The other note.\n\n    It goes on.\n\n',
    '> [b]: https://example.org/quoted\n\n',
    '```\n[a]: of code\n```\n\n',
    '<div>\n\n[a]: https://example.org/html\n\n</div>\n\n',
  ),
  { minLength: 3, maxLength: 14 },
);

test('an answer with definitions at any place looks in the end as what is shown at once', () => {
  fc.assert(
    fc.property(pieces, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 10 }), (parts, places) => {
      const text = parts.join('');
      const { container, setText, end, unmount } = renderGrowing('');
      for (const place of places.toSorted((a, b) => a - b)) setText(text.slice(0, Math.floor(place * text.length)));
      setText(text);
      end();
      expect(shown(container)).toBe(renderWhole(text));
      expect(linksIn(container)).toEqual(linksOfOneSlice(text));
      unmount();
    }),
    { numRuns: 60 },
  );
});

test.for([
  ['link', 'See [the manual][m].\n\n', '[m]: https://example.org/m\n\n', 'a[href="https://example.org/m"]'],
  ['footnote', 'A claim.[^1]\n\n', '[^1]: Its source.\n\n', 'sup'],
] as const)(
  'a %s that is defined slices later changes only the block that uses it',
  async ([, use, definition, made]) => {
    const { container, write, end } = renderGrowing('# First\n\n');
    for (const part of [use, filler, filler]) write(part);
    const before = blocksIn(container);
    expect(container.querySelectorAll('[data-slice]').length).toBeGreaterThan(1);
    expect(container.querySelector(made)).toBeNull();
    // The last block is open until the next one begins.
    const changed = await changedIn(before.slice(0, -2), () => {
      for (const character of `${definition}The next.\n\nAnd more.\n\nThe last.`) write(character);
      end();
    });
    expectSame(blocksIn(container), before);
    expect(changed).toEqual([before[1]]);
    expect(before[1]?.querySelector(made)).not.toBeNull();
  },
);

test('in an answer that was loaded half written, a late definition replaces only the block that uses it', () => {
  const { container, write } = renderGrowing(`# First\n\nSee [x].\n\n${filler}${filler}`);
  const before = blocksIn(container);
  write('[x]: https://example.org\n\nThe next.\n\nThe last.');
  const after = blocksIn(container);
  expect(before.flatMap((block, index) => (block === after[index] ? [] : [index]))).toEqual([1]);
  expect(after[1]?.querySelector('a')).not.toBeNull();
});

test('of definitions of a label the first counts, in whichever slice it is', () => {
  const [first, second] = ['https://example.org/first', 'https://example.org/second'];
  const { container, write } = renderGrowing(`[x]: ${first}\n\n${filler}See [x].\n\n`);
  write(`[x]: ${second}\n\n${filler}${filler}And [x].\n\nThree.\n\nFour.`);
  expect([...container.querySelectorAll('a')].map(({ href }) => href)).toEqual([first, first]);
});

test('footnotes are numbered over all slices by the order of their references, and listed once at the end', () => {
  const text = `One[^b] two[^a].\n\n${filler}[^a]: Note of a.\n\nThree[^a] four[^c].\n\n${filler}[^c]: Note of c.\n\n[^b]: Note of **b**.\n\nThe end.`;
  const { container, write, end } = renderGrowing('');
  for (let at = 0; at < text.length; at += 50) write(text.slice(at, at + 50));
  end();
  expect(container.querySelectorAll('[data-slice]').length).toBeGreaterThan(1);
  expect([...container.querySelectorAll('sup')].map(({ textContent }) => textContent)).toEqual(['1', '2', '2', '3']);
  expect(container.querySelectorAll('.md-footnotes')).toHaveLength(1);
  const notes = [...container.querySelectorAll('.md-footnotes > li')];
  expect(notes.map(({ textContent }) => textContent)).toEqual(['Note of b.', 'Note of a.', 'Note of c.']);
  expect(notes.at(-1)?.compareDocumentPosition(blocksIn(container).at(-1) ?? container)).toBe(
    Node.DOCUMENT_POSITION_PRECEDING,
  );
});

test('the list of footnotes keeps its elements while more is written', () => {
  const { container, write } = renderGrowing(`A claim.[^1]\n\n[^1]: Its source.\n\n${filler}`);
  const before = container.querySelector('.md-footnotes > li');
  for (let count = 0; count < 20; count++) write(`${filler.slice(0, 400)}\n\nMore.\n\n`);
  write('Another.[^2]\n\n[^2]: Of another.\n\n');
  expect(container.querySelectorAll('.md-footnotes > li')).toHaveLength(2);
  expect(container.querySelector('.md-footnotes > li')).toBe(before);
});

test('a footnote reference leads to its note', () => {
  // jsdom has no layout to scroll in.
  const scrolled: Element[] = [];
  Object.assign(Element.prototype, {
    scrollIntoView: function (this: Element) {
      scrolled.push(this);
    },
  });
  const text = `One[^b] two[^a].\n\n${filler}[^a]: Note of a.\n\n[^b]: Note of b.`;
  const { container } = render(() => <AnswerText text={text} isGrowing={false} isKept />);
  fireEvent.click(within(container).getByRole('button', { name: 'Footnote 2' }));
  expect(document.activeElement?.textContent).toBe('Note of a.');
  expect(scrolled).toEqual([document.activeElement]);
});
