import { render } from '@solidjs/testing-library';
import fc from 'fast-check';
import { createSignal } from 'solid-js';
import { describe, expect, test } from 'vitest';

import { Markdown } from './markdown';

const pieces = fc.array(
  fc.constantFrom(
    'A **bold** word and `code`.\n\n',
    '- one\n- two\n\n',
    '1. first\n\n2. second\n\n',
    '| a | b |\n|---|:-:|\n| 1 | *2* |\n\n',
    '```ts\nconst x = 1;\n```\n\n',
    '> quoted\n\n',
    '## Heading\n\n',
    '- [x] done\n- [ ] open\n\n',
    '[link](https://example.org) and ~~not~~\n\n',
    '<b>raw</b> text\n\n',
    '**one**\n**two**\n\n',
  ),
  { minLength: 1, maxLength: 8 },
);

/** Without what tells only where a node came from. */
function shown(element: Element): string {
  return element.innerHTML.replaceAll(/ key="[^"]*"/g, '').replaceAll(/<!--.*?-->/g, '');
}

function once(text: string): string {
  const { container, unmount } = render(() => <Markdown text={text} />);
  const html = shown(container);
  unmount();
  return html;
}

test('what was streamed looks in the end as what is shown at once', () => {
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(300), { maxLength: 8 }), (parts, cuts) => {
      const text = parts.join('');
      const [grown, setGrown] = createSignal('');
      const [isGrowing, setGrowing] = createSignal(true);
      const { container, unmount } = render(() => <Markdown text={grown()} isGrowing={isGrowing()} />);
      for (const cut of cuts.toSorted((a, b) => a - b)) setGrown(text.slice(0, cut));
      setGrown(text);
      setGrowing(false);
      expect(shown(container)).toBe(once(text));
      unmount();
    }),
    { numRuns: 60 },
  );
});

test('settled blocks keep their elements while more comes', () => {
  const [text, setText] = createSignal('First.\n\nSecond.\n\nThird.\n\nFour');
  const { container } = render(() => <Markdown text={text()} isGrowing />);
  const first = container.querySelector('p');
  setText(`${text()}th.\n\nFifth.\n\nSixth.`);
  expect(container.querySelectorAll('p')).toHaveLength(6);
  expect(container.querySelector('p')).toBe(first);
});

describe('what a text could do to its reader', () => {
  test.for([
    ['<script>alert(1)</script>', 'script'],
    ['<img src=x onerror=alert(1)>', 'img'],
    ['a <iframe src="https://evil.example"></iframe> b', 'iframe'],
    ['![x](https://evil.example/x.png)', 'img'],
    ['[x](javascript:alert(1))', 'a'],
    ['[x](data:text/html,hi)', 'a'],
    ['[r]\n\n[r]: javascript:alert(1)', 'a'],
    ['<javascript:alert(1)>', 'a'],
  ] as const)('%s makes no <%s>', ([text, tag]) => {
    const { container } = render(() => <Markdown text={text} />);
    expect(container.querySelector(tag)).toBeNull();
    expect(container.textContent).not.toBe('');
  });

  test('a sound link opens elsewhere and says nothing of us', () => {
    const { container } = render(() => <Markdown text="[x](https://example.org/a)" />);
    const link = container.querySelector('a');
    expect(link?.getAttribute('rel')).toBe('noopener noreferrer nofollow');
    expect(link?.getAttribute('href')).toBe('https://example.org/a');
  });
});

test('a line’s end between two marked words is a space', () => {
  const { container } = render(() => <Markdown text={'**one**\n**two**'} />);
  expect(container.textContent).toBe('one two');
});
