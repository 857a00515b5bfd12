import { render } from '@solidjs/testing-library';
import fc from 'fast-check';
import { createSignal } from 'solid-js';
import { describe, expect, test, vi } from 'vitest';

import { highlight } from './highlight';
import type { HighlightAnswer, HighlightRequest } from './highlight-worker';
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
    '[a]: https://example.org\n\n',
    'see [a] and[^n]\n\n',
    '[^n]: a note\n\n',
    '- a\n- b\n- c\n- d\n- e\n- f\n- g\n\n- h\n\n',
    `| a |\n|---|\n${'| 1 |\n'.repeat(9)}\n`,
    '<div>\n  raw\n</div>\n\n',
    'H<sub>2</sub>O<br>$x$\n\n',
  ),
  { minLength: 1, maxLength: 8 },
);

/** Without what says only where a node came from. */
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

test('a long paragraph whose parsing takes long is shown with pauses, and at the end at once', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let clock = 0;
  const now = vi.spyOn(performance, 'now').mockImplementation(() => (clock += 50));
  const [text, setText] = createSignal('some words '.repeat(500));
  const [isGrowing, setGrowing] = createSignal(true);
  const { container, unmount } = render(() => <Markdown text={text()} isGrowing={isGrowing()} />);
  setText(`${text()} and **one`);
  expect(container.textContent).not.toContain('and one');
  clock += 250;
  vi.advanceTimersByTime(250);
  expect(container.textContent).toContain('and one');
  setText(`${text()}** more`);
  setGrowing(false);
  expect(container.querySelector('strong')?.textContent).toBe('one');
  expect(container.textContent).toContain('one more');
  unmount();
  now.mockRestore();
  vi.useRealTimers();
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

test.for([
  ['quotes', `${'>'.repeat(3_000)} the end`],
  ['lists', `${'- '.repeat(200)}the end`],
] as const)('thousands of nested %s are shown', ([, text]) => {
  const { container } = render(() => <Markdown text={text} />);
  expect(container.textContent).toContain('the end');
});

test('a line’s end between two marked words is a space', () => {
  const { container } = render(() => <Markdown text={'**one**\n**two**'} />);
  expect(container.textContent).toBe('one two');
});

/** The text of each block of the answer, in its element. */
function blocksOf(text: string): string[] {
  const { container, unmount } = render(() => <Markdown text={text} />);
  const found = [...(container.querySelector('.prose')?.children ?? [])].map((each) => each.outerHTML);
  unmount();
  return found.map((html) => html.replaceAll(/ key="[^"]*"/g, ''));
}

test.for(['\n\n[x]: https://example.org', '\n\n```ts\n[x]: string\n```', '\n\n[^1]: a note'])(
  'the blocks stand side by side with and without %j',
  (more) => {
    const text = '# One\n\nTwo\n\n- three\n\n| four |\n|---|';
    expect(blocksOf(text)).toHaveLength(4);
    expect(blocksOf(text + more).slice(0, 4)).toEqual(blocksOf(text));
  },
);

test('a definition that comes later makes a link of the reference, and the blocks keep their elements', () => {
  const [text, setText] = createSignal('See [x].\n\nTwo.\n\nThree.\n\nFour.');
  const { container } = render(() => <Markdown text={text()} isGrowing />);
  const before = [...container.querySelectorAll('p')].slice(0, 3);
  setText(`${text()}\n\n[x]: https://example.org\n\nFive.\n\nSix.`);
  expect([...container.querySelectorAll('p')].slice(0, 3)).toEqual(before);
  expect(before[0]?.querySelector('a')?.href).toBe('https://example.org/');
});

test('rows of a table that is written and items of a list keep their elements', () => {
  for (const [head, line, name] of [
    ['| a | b |\n|---|---|\n', '| 1 | **2** |\n', 'tbody tr'],
    ['', '- an *item*\n', 'li'],
  ] as const) {
    const [text, setText] = createSignal(head + line.repeat(10));
    const { container, unmount } = render(() => <Markdown text={text()} isGrowing />);
    const before = [...container.querySelectorAll(name)].slice(0, 8);
    for (let count = 11; count < 40; count++) setText(head + line.repeat(count));
    const after = [...container.querySelectorAll(name)];
    expect(after).toHaveLength(39);
    expect(after.slice(0, 8).every((element, index) => element === before[index])).toBe(true);
    expect(after.every((element) => element.querySelector('strong, em'))).toBe(true);
    unmount();
  }
});

test('each new row of a table of 600 rows changes only the end of it', async () => {
  const head = '| a | b | c |\n|---|---|---|\n';
  const row = (index: number) => `| ${index} | some **words** | \`code\` |\n`;
  const [text, setText] = createSignal(head);
  const { container, unmount } = render(() => <Markdown text={text()} isGrowing />);
  const rows = () => [...container.querySelectorAll('tbody tr')];
  const built = new Map<number, Element>();
  const changed = new Map<number, Set<string>>();
  const observer = new MutationObserver(() => undefined);
  observer.observe(container, { attributes: true, characterData: true, childList: true, subtree: true });
  for (let index = 0; index < 600; index++) {
    setText((before) => before + row(index).slice(0, 12));
    setText((before) => before + row(index).slice(12));
    const last = rows().at(-1);
    if (last) built.set(index, last);
    for (const { target } of observer.takeRecords()) {
      const element = target instanceof Element ? target : target.parentElement;
      const place = element?.closest('tbody tr')?.querySelector('td')?.textContent ?? 'table';
      changed.set(index, (changed.get(index) ?? new Set()).add(place));
    }
  }
  expect(rows()).toHaveLength(600);
  expect(rows().findIndex((each, index) => each !== built.get(index))).toBe(-1);
  expect(Math.max(...[...changed.values()].map(({ size }) => size))).toBeLessThan(4);
  observer.disconnect();
  unmount();
});

/** Does what the worker does; jsdom has none. */
class WorkerInPage {
  onmessage: ((event: { data: HighlightAnswer }) => void) | null = null;

  postMessage({ code, language }: HighlightRequest) {
    const answer = (data: HighlightAnswer) => this.onmessage?.({ data });
    void highlight(code, language, answer).finally(() => answer(null));
  }
}

test('coloured code keeps its elements while later code is written, in lists too', async () => {
  vi.stubGlobal('Worker', WorkerInPage);
  for (const indent of ['', '   ']) {
    const block = (code: string) => `${indent}\`\`\`ts\n${indent}${code}`;
    const start = indent ? '1. first\n\n' : '';
    const [text, setText] = createSignal(`${start}${block('const one = 1;')}\n${indent}\`\`\`\n\n`);
    const { container, unmount } = render(() => <Markdown text={text()} isGrowing />);
    await expect.poll(() => container.querySelectorAll('pre span').length, { timeout: 30_000 }).toBeGreaterThan(2);
    const pre = container.querySelector('pre');
    const first = container.querySelector('pre span');
    let changes = 0;
    const observer = new MutationObserver((records) => (changes += records.length));
    if (pre) observer.observe(pre, { childList: true, subtree: true, characterData: true });
    setText(`${text()}${block('const')}`);
    for (let count = 0; count < 30; count++) {
      setText(`${text()} ${count}\n${indent}`);
      await Promise.resolve();
    }
    expect(container.querySelectorAll('pre')).toHaveLength(2);
    expect(container.querySelector('pre span')).toBe(first);
    expect(changes).toBe(0);
    observer.disconnect();
    unmount();
  }
});

describe('what models write', () => {
  function html(text: string): string {
    return blocksOf(text)
      .join('')
      .replaceAll(/ dir="[^"]*"/g, '');
  }

  test('only two tildes strike out', () => {
    expect(html('takes 3~5 days and costs 100~200 euros')).not.toContain('<del>');
    expect(html('~~gone~~')).toBe('<p><del>gone</del></p>');
    expect(html('这是~~删除：~~正文')).toContain('<del>删除：</del>正文');
  });

  test.for([
    ['**注意：**正文', '<strong>注意：</strong>正文'],
    ['请看**“这里”**。', '<strong>“这里”</strong>。'],
    ['これは*強調。*です', '<em>強調。</em>です'],
    ['**한국어(괄호)**는', '<strong>한국어(괄호)</strong>는'],
    ['2 * 3 * 4', '2 * 3 * 4'],
  ] as const)('emphasis in %s', ([text, part]) => {
    expect(html(text)).toContain(part);
  });

  test.for('。，、；：？！）」』】》〉”’…　｣·‐‑‒–—―'.split(''))('an address ends before %s', (mark) => {
    for (const [address, href] of [
      ['https://example.com', 'https://example.com/'],
      ['https://example.com/a?b=c', 'https://example.com/a?b=c'],
      ['www.example.com', 'http://www.example.com/'],
    ] as const) {
      for (const before of ['见 ', '“', '']) {
        const shown = html(`${before}${address}${mark}谢谢 **好**`);
        expect(shown).toContain(`href="${href}"`);
        expect(shown).toContain(`>${address}</a>${mark}谢谢`);
        expect(shown).toContain('<strong>好</strong>');
      }
    }
  });

  test('addresses without such punctuation are whole', () => {
    expect(html('https://example.com/путь_(x)?a=b#c.')).toContain('>https://example.com/путь_(x)?a=b#c</a>.');
    expect(html('mail ann@example.com。谢谢')).toContain('>ann@example.com</a>。谢谢');
    expect(html('（https://example.com）**好**')).toContain('</a>）<strong>好</strong>');
  });

  test.for([
    ['https://example.com谢谢', 'https://example.com', '谢谢'],
    ['www.example.com谢谢', 'www.example.com', '谢谢'],
    ['https://example.comです', 'https://example.com', 'です'],
    ['https://example.com:8080입니다/a', 'https://example.com:8080', '입니다/a'],
    ['https://example.com.谢谢', 'https://example.com', '.谢谢'],
    ['https://例え.jp', 'https://例え.jp', ''],
    ['https://例え.jp谢谢', 'https://例え.jp', '谢谢'],
    ['https://www.例え.jp/a', 'https://www.例え.jp/a', ''],
    ['https://example.com/路径', 'https://example.com/路径', ''],
  ] as const)('text right behind the host is no part of it: %s', ([text, address, rest]) => {
    const { href } = new URL(address.startsWith('www') ? `http://${address}` : address);
    for (const before of ['', '见 ', '（', '“']) expect(html(`${before}${text} **好**`)).toContain(`href="${href}">`);
    expect(html(`${text} **好**`)).toContain(`>${address}</a>${rest} <strong>`);
  });

  test('a few tags among words are elements, without their attributes', () => {
    expect(html('H<sub class="x" onclick="a()">2</sub>O, x<SUP>2</SUP>, <kbd>Ctrl</kbd>')).toBe(
      '<p>H<sub>2</sub>O, x<sup>2</sup>, <kbd>Ctrl</kbd></p>',
    );
    expect(html('| a |\n|---|\n| one<br>two<br/>*three* |')).toContain('one<br> two<br> <em>three</em>');
    expect(html('<kbd>Ctrl</kbd> at the beginning\nand **more**')).toContain('<kbd>Ctrl</kbd> at');
    expect(html('<br>\n**bold**')).toContain('<strong>bold</strong>');
  });

  test('tags that do not match are text', () => {
    expect(html('a <sub>b')).toBe('<p>a &lt;sub&gt;b</p>');
    expect(html('a </sup>b')).toBe('<p>a &lt;/sup&gt;b</p>');
    expect(html('<sub>a<sup>b</sub>c</sup>')).toBe('<p><sub>a&lt;sup&gt;b</sub>c&lt;/sup&gt;</p>');
    const deep = html(`${'<sub>'.repeat(5_000)}x${'</sub>'.repeat(5_000)}`);
    expect(deep.match(/<sub>/g)?.length).toBeLessThan(20);
  });

  test('other HTML is text with its line breaks', () => {
    expect(html('<div>\n  <p onclick="a()">x</p>\n</div>')).toBe(
      '<p class="md-raw">&lt;div&gt;\n  &lt;p onclick="a()"&gt;x&lt;/p&gt;\n&lt;/div&gt;</p>',
    );
    expect(html('<b>x</b>\n<i>y</i>')).toBe('<p class="md-raw">&lt;b&gt;x&lt;/b&gt; \n&lt;i&gt;y&lt;/i&gt;</p>');
  });

  test('each block takes the direction of its text, and code none', () => {
    const { container } = render(() => (
      <Markdown text={'# مرحبا\n\nשלום `code`\n\n- واحد\n\n> اقتباس\n\n| عمود |\n|---|\n| خلية |\n\n```js\nx\n```'} />
    ));
    for (const name of ['h3', 'p', 'li', 'th', 'td', 'blockquote p'])
      expect(container.querySelector(name)?.getAttribute('dir'), name).toBe('auto');
    for (const name of ['ul', 'blockquote', 'table'])
      expect(container.querySelector(name)?.getAttribute('dir'), name).toBe('rtl');
    for (const name of ['p code', 'pre']) expect(container.querySelector(name)?.getAttribute('dir'), name).toBe('ltr');
  });
});

describe('formulas', () => {
  test('a drawn one stays while more is written', async () => {
    const [text, setText] = createSignal('The sum \\(x^2\\) is **b');
    const { container } = render(() => <Markdown text={text()} isGrowing />);
    await expect.poll(() => container.querySelector('math'), { timeout: 30_000 }).toBeTruthy();
    const math = container.querySelector('math');
    for (const more of ['old', '** and $y', '_1$ and', ' more\n\nThird.', '\n\n', 'Fourth.']) setText(text() + more);
    expect(container.querySelector('math')).toBe(math);
    expect(container.querySelectorAll('math')).toHaveLength(2);
    expect(container.querySelector('[data-tex]')?.getAttribute('data-tex')).toBe('\\(x^2\\)');
  });

  test('a wrong one is shown as its source', async () => {
    const { container } = render(() => <Markdown text={'\\(\\href{javascript:alert(1)}{x}\\) and $x$'} />);
    await expect.poll(() => container.querySelector('math'), { timeout: 30_000 }).toBeTruthy();
    expect(container.querySelector('p > code')?.textContent).toBe('\\(\\href{javascript:alert(1)}{x}\\)');
    expect(container.querySelector('a')).toBeNull();
  });
});
