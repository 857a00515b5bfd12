/** That an answer is being written, or is ready, is seen wherever one is. */
import type { Page } from '@playwright/test';

import { expect, send, test } from './confab.ts';

const row = (page: Page, title: string) => page.locator('[data-chats] li').filter({ hasText: title });
const icon = (page: Page) => page.locator('link[rel="icon"]');

test('an answer that runs or is ready elsewhere is marked in the list, in the tab’s title and in its icon', async ({
  page,
  confab,
  ann,
  context,
}) => {
  expect(ann.name).toBe('Ann Lee');
  const held = confab.model.hold();
  await page.goto('/chat');
  await send(page, 'A long story');
  await held.arrived;
  const other = await context.newPage();
  await other.goto('/chat');
  for (const each of [page, other]) {
    await expect(row(each, 'A long story').locator('[data-mark=running]')).toContainText('an answer is being written');
    await expect(icon(each)).toHaveAttribute('href', /^data:image\/svg/);
  }
  await expect(page).toHaveTitle('● A long story · Confab');
  await page.getByRole('link', { name: 'New chat' }).click();
  await expect(page).toHaveTitle('● Confab');

  held.begin().write('Once upon a time.').end();
  for (const each of [page, other]) {
    await expect(row(each, 'A long story').locator('[data-mark=ready]')).toContainText('a new answer is ready');
    await expect(row(each, 'A long story').locator('[data-mark=running]')).toHaveCount(0);
    await expect(each).toHaveTitle('✓ Confab');
  }
  await page.reload();
  await expect(row(page, 'A long story').locator('[data-mark=ready]')).toBeVisible();
  await row(page, 'A long story').getByRole('link').click();
  await expect(page).toHaveTitle('A long story · Confab');
  // Seen in one tab is seen in all.
  for (const each of [page, other]) {
    await expect(each.locator('[data-mark]')).toHaveCount(0);
    await expect(icon(each)).toHaveAttribute('href', '/favicon.svg');
  }
  await other.close();
});

test('an answer that ends before one’s eyes leaves no mark, and the status line lives while it is written', async ({
  page,
  confab,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  const status = page.getByRole('contentinfo', { name: 'Status' });
  const held = confab.model.hold();
  await page.goto('/chat');
  await send(page, 'Status, please');
  await held.arrived;
  await expect(status).toContainText(/first token —/);
  held.begin().write('word '.repeat(100));
  await expect(status).toContainText(/first token \d/);
  await expect(status).toContainText(/context ~\d/);
  held.write('word '.repeat(100));
  await expect(status).toContainText(/tokens\/s ~\d/);
  held.end();
  await expect(status).toContainText(/tokens\/s \d/);
  await expect(status).toContainText(/context \d+ \(<0.1%\)/);
  await expect(page.locator('[data-mark]')).toHaveCount(0);
  await expect(page).toHaveTitle('Status, please · Confab');
});
