import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from '@playwright/test';

import { expect, send, test, thread } from './confab.ts';

test.beforeEach(({ ann }) => expect(ann.name).toBe('Ann Lee'));

/** Makes a room by the page; the page then shows it. */
async function makeRoom(page: Page, title: string): Promise<void> {
  await page.goto('/chat');
  await page.getByRole('link', { name: 'Rooms' }).click();
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Topic').fill('All about the launch');
  await page.getByRole('button', { name: 'Create a room' }).click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
}

/** The link of an invitation, made in the room's panel. */
async function invite(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Members' }).click();
  await page.getByRole('button', { name: 'Create a link' }).click();
  return page.getByLabel('Invitation link').inputValue();
}

/** Somebody who signs up on the way to the room that a link leads to. */
async function comeBy(browser: Browser, url: string, link: string, name: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: url });
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('link', { name: 'Sign up' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Email').fill(`${crypto.randomUUID()}@example.org`);
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page).toHaveURL(/\/chat\/Chat_/);
  return page;
}

test('two people talk in a room: made, joined by a link on the way through sign-up, seen by both at once', async ({
  page,
  browser,
  confab,
}) => {
  await makeRoom(page, 'Launch');
  const bob = await comeBy(browser, confab.url, await invite(page), 'Bob Brown');
  await expect(thread(page)).toContainText('Bob Brown joined');
  await expect(page.getByRole('complementary', { name: 'Members' })).toContainText('@bob.brown');

  await send(page, 'Welcome, Bob.');
  const fromAnn = thread(bob).getByRole('article', { name: 'Ann Lee' });
  await expect(fromAnn).toContainText('Welcome, Bob.');
  await send(bob, 'Thank you!');
  await send(bob, 'What is next?');
  const fromBob = thread(page).getByRole('article', { name: 'Bob Brown' });
  await expect(fromBob).toHaveCount(2);
  // Of messages that follow each other, the first alone has the name above it.
  await expect(fromBob.nth(0)).toContainText('Bob Brown');
  await expect(fromBob.nth(1)).toHaveText('What is next?');
  await expect(bob.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: /Launch/ })).toBeVisible();

  // Each edits their own words, and the owner takes away another's.
  await bob.getByRole('button', { name: 'Edit message' }).last().click();
  await bob.getByRole('textbox', { name: 'Edited message' }).fill('What comes next?');
  await expect(bob.getByRole('button', { name: 'Send again' })).toHaveCount(0);
  await bob.keyboard.press('Enter');
  await expect(fromBob.nth(1)).toContainText('What comes next?');
  await fromBob.nth(1).hover();
  await fromBob.nth(1).getByRole('button', { name: 'Delete message' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(thread(bob)).toContainText('deleted by Ann Lee');
  await bob.context().close();
});

test('roles, read-only and removal take effect in the other’s page at once', async ({ page, browser, confab }) => {
  await makeRoom(page, 'Rules');
  const bob = await comeBy(browser, confab.url, await invite(page), 'Rob Roe');
  const panel = page.getByRole('complementary', { name: 'Members' });
  const chooses = async (item: string) => {
    await panel.getByRole('button', { name: 'Actions: Rob Roe' }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  };
  await bob.getByRole('button', { name: 'Members' }).click();
  await expect(bob.getByRole('button', { name: 'Create a link' })).toHaveCount(0);
  await chooses('Make moderator');
  await expect(bob.getByRole('button', { name: 'Create a link' })).toBeVisible();

  await panel.getByRole('button', { name: 'Make read-only' }).click();
  await expect(bob.getByText('This room is read-only.')).toBeVisible();
  await expect(bob.getByRole('textbox', { name: 'Message', exact: true })).toHaveCount(0);
  await panel.getByRole('button', { name: 'Open for writing' }).click();
  await expect(bob.getByRole('textbox', { name: 'Message', exact: true })).toBeVisible();

  await chooses('Remove');
  await expect(bob.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
  await expect(bob.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: /Rules/ })).toHaveCount(0);
  await expect(thread(page)).toContainText('Ann Lee removed Rob Roe');

  await panel.getByRole('searchbox', { name: 'Add people' }).fill('@rob');
  await panel
    .getByRole('button', { name: /Rob Roe.*@rob/ })
    .first()
    .click();
  await expect(bob.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: /Rules/ })).toBeVisible();
  await bob.context().close();
});

test('an open room is found and joined, and left again', async ({ page, browser, confab }) => {
  await page.goto('/chat/rooms');
  await page.getByLabel('Title').fill('Open house');
  await page.getByText('Everybody', { exact: true }).click();
  await page.getByRole('button', { name: 'Create a room' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Open house' })).toBeVisible();
  const bob = await comeBy(browser, confab.url, await invite(page), 'Bob Brown');
  await bob.getByRole('button', { name: 'Members' }).click();
  await bob.getByRole('button', { name: 'Leave the room' }).click();
  await bob.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
  await expect(thread(page)).toContainText('Bob Brown left');

  await bob.goto('/chat/rooms');
  await bob.getByRole('button', { name: 'Join: Open house' }).first().click();
  await expect(bob.getByRole('heading', { level: 1, name: 'Open house' })).toBeVisible();
  await expect(thread(page)).toContainText('Bob Brown joined');
  await bob.context().close();
});

test('what was not read yet is counted in the list, until one opens the room', async ({ page, browser, confab }) => {
  await makeRoom(page, 'Counted');
  const bob = await comeBy(browser, confab.url, await invite(page), 'Bob Brown');
  await bob.goto('/chat/new');
  const row = bob.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: /Counted/ });
  await expect(row).toBeVisible();
  await send(page, 'One.');
  await send(page, 'Two.');
  await expect(row.getByLabel('2 unread')).toBeVisible();
  await row.click();
  await expect(thread(bob)).toContainText('Two.');
  await expect(row.getByLabel(/unread/)).toHaveCount(0);
  // What comes before one's eyes is read.
  await send(page, 'Three.');
  await expect(thread(bob)).toContainText('Three.');
  await expect(row.getByLabel(/unread/)).toHaveCount(0);
  await bob.context().close();
});

test('a link that cannot be used says so', async ({ page }) => {
  await page.goto('/join/nothing-like-that');
  await expect(page.getByRole('heading', { name: 'This link cannot be used' })).toBeVisible();
});

for (const [width, height] of [
  [1440, 900],
  [390, 844],
] as const)
  test(`rooms have no serious finding of axe at ${width} pixels, and nothing is wider than the screen`, async ({
    page,
    browser,
    confab,
  }) => {
    await makeRoom(page, 'Looks');
    const bob = await comeBy(browser, confab.url, await invite(page), 'Bob Brown');
    await send(bob, 'A first message, which is long enough to have more than one line on a telephone.');
    await send(page, 'And an answer.');
    await page.setViewportSize({ width, height });
    for (const place of ['panel', 'thread', 'rooms'] as const) {
      if (place === 'thread') await page.getByRole('button', { name: 'Close' }).click();
      if (place === 'rooms') await page.goto('/chat/rooms');
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
      if (process.env['SHOTS']) await page.screenshot({ path: `${process.env['SHOTS']}/${place}-${width}.png` });
    }
    await bob.context().close();
  });
