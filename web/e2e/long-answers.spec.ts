import type { Page } from '@playwright/test';

import { says } from '../../api/testing/model-server.ts';
import { longAnswer } from '../../bench/long-answers.ts';
import { expect, send, test, thread } from './confab.ts';

test('what is selected, open or focused in an answer stays so when the answer ends', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  const held = confab.model.hold();
  await page.goto('/chat');
  await send(page, 'Think first.');
  held.begin().think('Let me see. ');
  // How long it thought is known to a page that saw it think.
  await expect(thread(page).getByRole('button', { name: 'Thinking…' })).toBeVisible();
  held.write('To select.\n\n```ts\nconst x = 1;\n```\n\nOne.\n\nTwo.\n\nThree');
  await expect(thread(page)).toContainText('Three');
  const thoughts = thread(page).getByRole('button', { name: /Thought for \d+ second/ });
  await thoughts.click();
  await thread(page)
    .getByText('To select.')
    .evaluate((element) => document.getSelection()?.selectAllChildren(element));
  const copy = thread(page).getByRole('button', { name: 'Copy code' });
  await copy.focus();

  held.write(' words.').end();
  await expect(thread(page)).toHaveAttribute('aria-busy', 'false');
  await expect(thread(page)).toContainText('Three words.');
  await expect(copy).toBeFocused();
  expect(await page.evaluate(() => document.getSelection()?.toString())).toBe('To select.');
  await expect(thoughts).toHaveAttribute('aria-expanded', 'true');
  await expect(thread(page).getByText('Let me see.')).toBeVisible();
});

test('of long answers only what is near the view is built, and nothing moves for it', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  confab.model.next(...['first', 'second', 'third'].map((name) => says(`The ${name}.\n\n${longAnswer(40_000)}`)));
  await page.goto('/chat');
  for (const [index, name] of ['first', 'second', 'third'].entries()) {
    await send(page, `The ${name}, please.`);
    await expect(thread(page).getByRole('button', { name: 'Copy answer' })).toHaveCount(index + 1);
  }
  await page.reload();
  const answers = thread(page).locator('[data-text]');
  const slices = thread(page).locator('[data-slice]');
  await expect(slices.last().locator('.prose li').last()).toBeInViewport();
  await expect(thread(page)).toContainText('The first.');
  await settled(page);
  const all = await answers.last().locator('[data-slice]').count();
  expect(all).toBeGreaterThan(10);
  // The last answer stays whole; those far from the view are not even cut into slices.
  expect(await built(page)).toBeGreaterThanOrEqual(all);
  expect(await built(page)).toBeLessThan((3 * all) / 2);
  await expect(answers.first().locator('[data-slice]')).toHaveCount(0);
  await expect(answers.first().locator('> [dir=auto]')).toContainText('The first.');

  // Into the second answer, which is still plain text there.
  await thread(page).evaluate((element) => {
    const answer = element.querySelectorAll('[data-message]')[3];
    if (answer) element.parentElement?.scrollBy(0, answer.getBoundingClientRect().top + answer.clientHeight / 2);
  });
  await expect(answers.nth(1).locator('[data-slice]')).not.toHaveCount(0);
  const inView = await firstInView(page);
  const copy = thread(page).getByRole('button', { name: 'Copy code' }).and(page.locator(':visible'));
  await settled(page);
  expect(await inView.evaluate((element) => element.isConnected)).toBe(true);
  expect(
    Math.abs(await inView.evaluate((element) => element.getBoundingClientRect().top - Number(element.dataset['top']))),
  ).toBeLessThan(2);

  // Between scrolling and its event, something above can grow.
  const movedBy = await thread(page).evaluate(async (log) => {
    const frame = log.parentElement;
    const blocks = [...log.querySelectorAll<HTMLElement>('[data-slice]')];
    frame?.scrollBy(0, -200);
    const index = blocks.findIndex(
      (block) => block.getBoundingClientRect().top >= (frame?.getBoundingClientRect().top ?? 0),
    );
    const [above, shown] = [blocks[index - 3], blocks[index]];
    const top = shown?.getBoundingClientRect().top ?? 0;
    if (above) above.style.paddingBottom = '100px';
    for (let frames = 0; frames < 3; frames += 1) await new Promise(requestAnimationFrame);
    return Math.abs((shown?.getBoundingClientRect().top ?? 0) - top);
  });
  expect(movedBy).toBeLessThan(2);
  await settled(page);

  // What has the focus is not released, however far it is scrolled away.
  await copy.nth(await indexInView(page)).focus();
  const focused = await page.evaluateHandle(() => document.activeElement);
  await page.evaluate(() => document.querySelector('[role=log]')?.parentElement?.scrollTo(0, 0));
  await expect(thread(page).getByText('The first.', { exact: true })).toBeInViewport();
  await settled(page);
  expect(await focused.evaluate((element) => element === document.activeElement && !!element?.isConnected)).toBe(true);
  await expect(slices.first().locator('.prose')).toHaveCount(1);
  expect(await built(page)).toBeLessThan(2 * all);
});

test('a line has some 76 characters, code has the whole width, and the box cuts no line', async ({
  page,
  confab,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  confab.model.next(says(`${longAnswer(2_000)}\n\nThe end.`));
  await page.goto('/chat');
  await send(page, 'At length.');
  await expect(thread(page)).toContainText('The end.');
  const { characters, code, column, gap, fade } = await page.evaluate(measureThread);
  expect(characters).toBeGreaterThan(68);
  expect(characters).toBeLessThan(82);
  expect(code).toBe(column);
  expect(gap).toBeGreaterThanOrEqual(8);
  expect(fade).toBeGreaterThanOrEqual(12);
});

/** No slice is built or released any more. */
async function settled(page: Page): Promise<void> {
  await thread(page).evaluate(async (element) => {
    const count = () => element.querySelectorAll('[data-slice] > .prose').length;
    for (let quiet = 0, before = -1; quiet < 20; quiet = count() === before ? quiet + 1 : 0) {
      before = count();
      await new Promise((resolve) => requestAnimationFrame(() => requestIdleCallback(resolve)));
    }
  });
}

function built(page: Page): Promise<number> {
  return thread(page).locator('[data-slice] > .prose').count();
}

/** The first block that begins in view, once all in view is built. It remembers where it stood. */
async function firstInView(page: Page) {
  const handle = await thread(page).evaluateHandle(async (log) => {
    const top = log.parentElement?.getBoundingClientRect().top ?? 0;
    const isPlainInView = (block: HTMLElement) => {
      const box = block.getBoundingClientRect();
      return box.bottom > top && box.top < innerHeight && !block.querySelector(':scope > .prose');
    };
    const slices = () => [...log.querySelectorAll<HTMLElement>('[data-slice]')];
    // What is in view becomes built text, whose lines are others, and between a change and the next frame things may be out of place.
    for (let frames = 0; frames < 3; frames = slices().some(isPlainInView) ? 0 : frames + 1)
      await new Promise(requestAnimationFrame);
    // What is held is the finest block that begins in view, not the slice below it.
    const blocks = [...log.querySelectorAll<HTMLElement>('[data-slice] .prose > *, [data-slice] .prose li')];
    const block = blocks.find((element) => element.getBoundingClientRect().top >= top) ?? log;
    if (block.getBoundingClientRect().top >= innerHeight) throw new Error('No block begins in view.');
    block.dataset['top'] = String(block.getBoundingClientRect().top);
    return block;
  });
  return handle;
}

function indexInView(page: Page): Promise<number> {
  return thread(page).evaluate((log) =>
    [...log.querySelectorAll('[aria-label="Copy code"]')].findIndex(
      (button) => button.getBoundingClientRect().top > 100,
    ),
  );
}

/** Runs in the page. */
function measureThread() {
  const log = document.querySelector('[role=log]');
  const paragraph = log?.querySelector('.prose p');
  const words = paragraph?.firstChild;
  const length = words?.textContent?.length ?? 0;
  const range = document.createRange();
  const lengths: number[] = [];
  let line = 0;
  for (let index = 0; index < length; index += 1) {
    if (!words) break;
    range.setStart(words, index);
    range.setEnd(words, index + 1);
    const { top } = range.getBoundingClientRect();
    if (top !== line) lengths.push(0);
    line = top;
    lengths[lengths.length - 1] = (lengths.at(-1) ?? 0) + 1;
  }
  const whole = lengths.slice(0, -1);
  const width = (element: Element | null | undefined) => Math.round(element?.getBoundingClientRect().width ?? 0);
  const form = document.querySelector('textarea')?.closest('form')?.getBoundingClientRect();
  return {
    characters: whole.reduce((sum, count) => sum + count, 0) / whole.length,
    code: width(log?.querySelector('.prose pre')?.parentElement),
    column: width(log?.querySelector('[data-slice]')),
    gap: (form?.top ?? 0) - (log?.parentElement?.getBoundingClientRect().bottom ?? 0),
    fade: document.querySelector('[data-fade]')?.getBoundingClientRect().height ?? 0,
  };
}
