import type { Page } from '@playwright/test';

import { expect, test, thread } from './confab.ts';
import { asks, writeLongChat } from './long-chat.ts';

const question = (page: Page, number: number) => thread(page).getByText(`Question ${number}.`, { exact: true });

/** Scrolls so many pixels at a time until a question is in view, and back where a slow page went beyond it. */
async function wheelTo(page: Page, by: number, number: number) {
  await thread(page).hover();
  const step = Math.abs(by);
  await expect(async () => {
    const seen = await numbersInView(page);
    if (seen.includes(number)) return;
    const isAbove = seen.length > 0 ? number < Math.min(...seen) : by < 0;
    await page.mouse.wheel(0, isAbove ? -step : step);
    expect(seen, 'in view').toContain(number);
  }).toPass({ intervals: [20] });
}

/** Of the questions of which a part can be seen. */
function numbersInView(page: Page): Promise<number[]> {
  return thread(page).evaluate((log) => {
    const view = (log.parentElement as HTMLElement).getBoundingClientRect();
    return [...log.querySelectorAll('[data-message]')].flatMap((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      const number = /Question (\d+)\./.exec(row.textContent ?? '')?.[1];
      return number !== undefined && bottom > view.top && top < view.bottom ? [Number(number)] : [];
    });
  });
}

test('a permalink opens a chat at its message, and loads above and below while one scrolls', async ({
  page,
  confab,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  test.slow();
  const { id, messageIds } = await writeLongChat(page, confab, 55);
  // Of question 10; the page around it ends with question 25, the newest one begins with question 31.
  const wanted = messageIds[18] ?? '';
  const asked: string[] = [];
  page.on('request', (request) => {
    const kind = /"(around|before|after)":"/.exec(request.postData() ?? '')?.[1];
    if (kind && request.postData()?.includes('query ThreadPage')) asked.push(kind);
  });
  await page.goto(`/chat/${id}?message=${wanted}`);
  await expect(question(page, 10)).toBeInViewport();
  const row = page.locator(`[data-message="${wanted}"]`);
  await expect(row).toHaveAttribute('data-marked');
  await expect(row).not.toHaveAttribute('data-marked');
  await expect(question(page, 55)).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Jump to the newest' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Select this version' })).toHaveCount(0);

  await wheelTo(page, -600, 1);
  await wheelTo(page, 600, 55);
  // The hole is loaded from its upper end.
  expect(asked).toEqual(['around', 'after']);
  // No message is missing or there twice where the pages meet.
  for (const number of [50, 31, 28, 25]) {
    await wheelTo(page, -300, number);
    await expect(question(page, number)).toHaveCount(1);
  }

  await page.goto(`/chat/${id}?message=${wanted}`);
  await expect(question(page, 10)).toBeInViewport();
  await page.getByRole('button', { name: 'Jump to the newest' }).click();
  await expect(question(page, 55)).toBeInViewport();
  await expect(page.getByRole('button', { name: 'Jump to the newest' })).toHaveCount(0);
});

test('a permalink into another branch shows it, says so, and offers to select the branch', async ({
  page,
  confab,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  const { id, messageIds } = await writeLongChat(page, confab, 6);
  await asks(page, confab, id, 'Another question.', messageIds[3]);
  // Of question 5, which the other branch has not.
  const wanted = messageIds[8] ?? '';
  await page.goto(`/chat/${id}?message=${wanted}`);
  await expect(question(page, 5)).toBeInViewport();
  await expect(thread(page)).not.toContainText('Another question.');
  await expect(page.getByText('This message is in another version of the conversation')).toBeVisible();
  // To look at it selects nothing.
  const other = await page.context().newPage();
  await other.goto(`/chat/${id}`);
  await expect(thread(other).getByText('Another question.')).toBeVisible();
  await other.close();

  await page.getByRole('button', { name: 'Select this version' }).click();
  await expect(page.getByText('This message is in another version of the conversation')).toHaveCount(0);
  await expect(question(page, 6)).toBeVisible();
  await page.goto(`/chat/${id}`);
  await expect(question(page, 6)).toBeInViewport();
});

test('a branch is known to be another one, though both are longer than what is loaded', async ({
  page,
  confab,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  test.slow();
  const { id, messageIds } = await writeLongChat(page, confab, 30);
  await asks(page, confab, id, 'Another question.', messageIds[1]);
  for (let number = 1; number <= 27; number += 1) await asks(page, confab, id, `Further question ${number}.`);
  // Of question 5: more than a page lies below it on its branch, and below the fork on the visible one.
  await page.goto(`/chat/${id}?message=${messageIds[8]}`);
  await expect(question(page, 5)).toBeInViewport();
  await page.getByRole('button', { name: 'Select this version' }).click();
  await expect(page.getByText('This message is in another version of the conversation')).toHaveCount(0);
  await expect(question(page, 5)).toBeInViewport();
  await page.getByRole('button', { name: 'Jump to the newest' }).click();
  await expect(question(page, 30)).toBeInViewport();
});

test('a permalink to a message that is not in the chat shows the newest and says so', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  const { id } = await writeLongChat(page, confab, 1);
  const { messageIds } = await writeLongChat(page, confab, 1);
  await page.goto(`/chat/${id}?message=${messageIds[0]}`);
  await expect(page.getByText('The message of this address is not in this chat.')).toBeVisible();
  await expect(question(page, 1)).toBeInViewport();
});

test('who comes back from settings is at the same place of the chat', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  test.slow();
  const { id } = await writeLongChat(page, confab, 40);
  await page.goto(`/chat/${id}`);
  await expect(question(page, 40)).toBeInViewport();
  await wheelTo(page, -200, 20);
  const top = async () => (await question(page, 20).boundingBox())?.y ?? 0;
  const before = await top();

  await page.getByRole('button', { name: /^Main menu/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('heading', { name: 'Settings' }).click();
  await page.keyboard.press('Escape');
  await expect(question(page, 20)).toBeInViewport();
  await expect.poll(async () => Math.abs((await top()) - before)).toBeLessThan(2);
});

test('what the reader looks at moves only as far as they scroll, while rows come and go', async ({
  page,
  confab,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  test.slow();
  const { id } = await writeLongChat(page, confab, 60);
  await page.goto(`/chat/${id}`);
  await expect(question(page, 60)).toBeInViewport();
  await thread(page).hover();
  await page.mouse.wheel(0, -200);
  await expect(page.getByRole('button', { name: 'Jump to the newest' })).toBeVisible();
  const { farthest, rows } = await thread(page).evaluate(async (log) => {
    const frame = log.parentElement as HTMLElement;
    const idle = () => new Promise((resolve) => requestAnimationFrame(() => requestIdleCallback(resolve)));
    let [farthest, rows] = [0, 0];
    const view = frame.getBoundingClientRect();
    const middle = view.top + view.height / 2;
    for (const by of [...Array.from({ length: 90 }, () => -130), ...Array.from({ length: 90 }, () => 130)]) {
      const all = [...log.querySelectorAll('[data-message]')];
      const row = all.find((element) => element.getBoundingClientRect().top >= middle) ?? all.at(-1);
      const top = row?.getBoundingClientRect().top ?? 0;
      const before = frame.scrollTop;
      frame.scrollBy(0, by);
      // At an end less is left to scroll.
      const scrolled = frame.scrollTop - before;
      for (let turn = 0; turn < 3; turn += 1) await idle();
      farthest = Math.max(farthest, Math.abs((row?.getBoundingClientRect().top ?? 0) - (top - scrolled)));
      rows = Math.max(rows, log.querySelectorAll('[data-message]').length);
    }
    return { farthest, rows };
  });
  expect(farthest).toBeLessThan(2);
  expect(rows).toBeLessThan(100);
});
