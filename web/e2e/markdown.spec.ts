import type { Page } from '@playwright/test';
import { says } from '../../api/testing/model-server.ts';
import { hostileFormulas, soundFormulas } from '../ui/markdown-formulas.fixtures.ts';
import { expect, send, test, thread, type TestConfab } from './confab.ts';

const hostile = `
# A page that means harm

<script>window.harmed = 'script'</script>
<img src=x onerror="window.harmed = 'onerror'">
<iframe src="https://evil.example/frame"></iframe>
<svg onload="window.harmed = 'svg'"></svg>
<a href="javascript:window.harmed='raw link'">raw</a>

[one](javascript:window.harmed='link')
[two](JaVaScRiPt:window.harmed='case')
[three](data:text/html,<script>window.harmed='data'</script>)
[four](vbscript:msgbox)
[five](https://example.org/fine "a title")
[six](//evil.example/protocol-relative)
<javascript:window.harmed='auto'>

![a picture](https://evil.example/pixel.png)
![another](javascript:window.harmed='image')
![third](http://127.0.0.1:1/pixel.png)

| a | b |
|---|---|
| <b onmouseover="window.harmed='cell'">x</b> | ![](https://evil.example/cell.png) |

\`\`\`html
<script>window.harmed = 'code'</script>
\`\`\`

[ref]: javascript:window.harmed='reference'
[a reference][ref]

The end of it.
`;

test('hostile Markdown runs nothing and sends no request', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  confab.model.next(says(...(hostile.match(/[\s\S]{1,40}/g) ?? [])));
  await page.goto('/chat');
  await send(page, 'Harm me.');
  await expect(thread(page)).toContainText('The end of it.');
  await expect(thread(page)).toHaveAttribute('aria-busy', 'false');

  const look = () =>
    thread(page).evaluate((element) => ({
      harmed: (window as { harmed?: string }).harmed,
      dangerous: element.querySelectorAll(
        'script, iframe, object, embed, form, style, link, img, [onerror], [onload], [onmouseover]',
      ).length,
      addresses: [...element.querySelectorAll('a')].map((link) => [link.getAttribute('href'), link.rel, link.target]),
    }));
  for (const moment of ['streamed', 'reloaded']) {
    const { harmed, dangerous, addresses } = await look();
    expect(harmed, moment).toBeUndefined();
    expect(dangerous, moment).toBe(0);
    for (const [href, rel] of addresses) {
      expect(href).toMatch(/^(https?:|mailto:)/);
      expect(rel).toBe('noopener noreferrer nofollow');
    }
    expect(addresses.map(([href]) => href)).toContain('https://example.org/fine');
    await expect(thread(page)).toContainText("<script>window.harmed = 'script'</script>");
    await page.reload();
    await expect(thread(page)).toContainText('The end of it.');
  }
  expect(asked.filter((url) => !url.startsWith(confab.url))).toEqual([]);
  await expect(page.getByRole('button', { name: 'Load the image from evil.example' }).first()).toBeVisible();
});

test('tables, lists, code and quotes are shown as such, streamed or loaded', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  const text =
    '## A heading\n\nSome **bold** and `code`.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```ts\nconst x: number = 1;\n```\n\n> quoted\n\nDone.';
  confab.model.next(says(...(text.match(/[\s\S]{1,7}/g) ?? [])));
  await page.goto('/chat');
  await send(page, 'Show me.');
  await expect(thread(page)).toContainText('Done.');
  await expect(thread(page)).toHaveAttribute('aria-busy', 'false');
  for (const moment of ['streamed', 'loaded']) {
    await expect(thread(page).getByRole('heading', { name: 'A heading' }), moment).toBeVisible();
    await expect(
      thread(page)
        .getByRole('listitem')
        .filter({ hasText: /^(one|two)$/ }),
    ).toHaveCount(2);
    await expect(thread(page).getByRole('cell', { name: '2' })).toBeVisible();
    await expect(thread(page).getByRole('button', { name: 'Copy code' })).toBeVisible();
    await expect(thread(page).locator('blockquote')).toContainText('quoted');
    await expect(thread(page).locator('pre span').first(), moment).toHaveText('const');
    for (const name of ['pre', 'p code'])
      await expect(thread(page).locator(name).first()).toHaveCSS('font-variant-ligatures', 'none');
    await page.reload();
    await expect(thread(page)).toContainText('Done.');
  }
});

/** Shows an answer of the model and waits for its end. */
async function show(page: Page, confab: TestConfab, text: string, size = 40) {
  confab.model.next(says(...(text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [])));
  await page.goto('/chat');
  await send(page, 'Show me.');
  await expect(thread(page)).toContainText('The end of it.');
  await expect(thread(page)).toHaveAttribute('aria-busy', 'false');
}

test('the gaps between blocks are the same with and without a definition', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  const text = 'One.\n\n## Two\n\nThree.\n\n```ts\nfour\n```\n\n- five\n\n> six\n\nThe end of it.';
  const gaps = () =>
    thread(page)
      .locator('.prose')
      .last()
      .evaluate((prose) => {
        const boxes = [...prose.children].map((child) => child.getBoundingClientRect());
        return boxes.slice(1, 7).map((box, index) => Math.round(box.top - (boxes[index]?.bottom ?? 0)));
      });
  await show(page, confab, text);
  const before = await gaps();
  expect(Math.min(...before)).toBeGreaterThan(0);
  await show(page, confab, text.replace('four', '  [name: string]: string;'));
  expect(await gaps()).toEqual(before);
  await show(page, confab, `${text}\n\n[x]: https://example.org`);
  expect(await gaps()).toEqual(before);
});

test('formulas are drawn under the page’s policy, stay in their place, and are copied as TeX', async ({
  page,
  confab,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  const problems: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const sound = soundFormulas.map((tex) => `- sound $${tex}$ end\n`).join('');
  const hostile = hostileFormulas.map((tex) => `\\[${tex}\\]\n\n`).join('');
  await show(page, confab, `A \\(x^2\\) B.\n\n${sound}\n\n${hostile}\n\nIt costs from $5 to $10. The end of it.`, 400);

  await expect(thread(page).locator('li math')).toHaveCount(soundFormulas.length);
  await expect(thread(page)).toContainText('It costs from $5 to $10.');
  // Formulas that fit are no tab stops.
  const stops = () =>
    thread(page)
      .locator('.md-formula-display')
      .evaluateAll((all) => all.filter((each) => each.scrollWidth > each.clientWidth !== (each.tabIndex === 0)).length);
  await expect(thread(page).locator('.md-formula-display').first()).not.toHaveAttribute('tabindex');
  await expect.poll(stops).toBe(0);
  const state = await thread(page).evaluate((element) => ({
    dangerous: element.querySelectorAll('math a, math img, script, maction, annotation-xml, [href^="javascript:"]')
      .length,
    highest: Math.max(
      ...[...element.querySelectorAll('.md-formula')].map((each) => each.getBoundingClientRect().height),
    ),
    // What leaves its place is outside of the prose that holds it.
    outside: [...element.querySelectorAll('math *')].filter((each) =>
      ['fixed', 'sticky'].includes(getComputedStyle(each).position),
    ).length,
    isWider: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  }));
  expect(state).toMatchObject({ dangerous: 0, outside: 0, isWider: false });
  expect(state.highest).toBeLessThan(20_000);
  expect(problems).toEqual([]);
  expect(asked.filter((url) => !url.startsWith(confab.url))).toEqual([]);

  const copied = await thread(page).evaluate((element) => {
    const prose = element.querySelector('.prose');
    const first = prose?.querySelector('p');
    const second = prose?.querySelector('li');
    if (!first || !second) return null;
    document.getSelection()?.setBaseAndExtent(first, 0, second, second.childNodes.length);
    const clipboardData = new DataTransfer();
    first.dispatchEvent(new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true }));
    return clipboardData.getData('text/plain');
  });
  expect(copied?.replaceAll(/\s*\n\s*/g, '\n')).toBe(String.raw`A \(x^2\) B.` + '\nsound $x^2$ end');
});
