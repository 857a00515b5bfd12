import type { Page } from '@playwright/test';

import { expect, test } from './confab.ts';

test.beforeEach(({ ann }) => expect(ann.name).toBe('Ann Lee'));

/** Lets the page be started by a script of another name, so that it takes itself for older than the server. */
async function startsOld(page: Page, isOld: () => boolean): Promise<void> {
  await page.route('**/chat**', async (route) => {
    if (route.request().resourceType() !== 'document') return route.fallback();
    const response = await route.fetch();
    const html = await response.text();
    const body = isOld() ? html.replace(/(<script type="module"[^>]* src="\/assets\/)/, '$1old-') : html;
    return route.fulfill({ response, body });
  });
  await page.route('**/assets/old-*', async (route) => {
    const response = await route.fetch({ url: route.request().url().replace('/old-', '/') });
    return route.fulfill({ response });
  });
}

const isOldPage = (page: Page) =>
  page.evaluate(() => document.querySelector('script[type=module][src*="/assets/old-"]') !== null);

test('an open page that is older than the server reloads itself, and what was typed stands there', async ({ page }) => {
  let isOld = true;
  await startsOld(page, () => isOld);
  await page.goto('/chat');
  expect(await isOldPage(page)).toBe(true);
  isOld = false;
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await box.fill('Half a thought');
  await expect.poll(() => isOldPage(page).catch(() => true), { timeout: 60_000 }).toBe(false);
  await expect(box).toHaveValue('Half a thought');
});

test('a page whose scripts the server no longer has is reloaded when it needs one, and shows the chat', async ({
  page,
}) => {
  // The first try finds nothing, as after a deploy; the reloaded page is of the build that is there.
  let missing = 0;
  await page.route('**/assets/conversation-thread-*.js', (route) =>
    (missing += 1) === 1 ? route.fulfill({ status: 404, body: '' }) : route.fallback(),
  );
  await page.goto('/chat');
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await box.fill('Say it twice');
  await box.press('Enter');
  await expect(page.getByRole('log')).toContainText('Say it twice');
  await expect.poll(() => missing).toBeGreaterThan(1);
});
