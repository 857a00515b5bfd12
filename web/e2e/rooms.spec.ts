import type { Browser, Page } from '@playwright/test';

import { ask, expect, post, send, test, thread } from './confab.ts';
import { expectSound } from './sound.ts';

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

/** A person who signs up on the way to the room that a link leads to. */
async function comeBy(browser: Browser, url: string, link: string, name: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: url });
  const page = await context.newPage();
  await page.goto(link);
  // As large as the button that joins.
  await expect(page.getByRole('link', { name: 'Sign up' })).toHaveCSS('height', '36px');
  await page.getByRole('link', { name: 'Sign up' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Email').fill(`${crypto.randomUUID()}@example.org`);
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page).toHaveURL(/\/chat\/Chat_/);
  return page;
}

/** As the person signed in on the page. */
async function sayByApi(page: Page, url: string, chatId: string, content: string): Promise<void> {
  const input = { chatId, content, clientId: crypto.randomUUID() };
  await ask(
    page,
    url,
    'mutation Say($input: SendMessageInput!) { sendMessage(input: $input) { ... on SendMessagePayload { message { id } } } }',
    { input },
  );
}

/** As if another tab were looked at. */
async function hide(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
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
  // One's own initials are the same ones everywhere.
  const initials = bob.getByRole('button', { name: /^Main menu/ }).getByText('BB');
  const colour = await page
    .getByRole('complementary', { name: 'Members' })
    .getByText('BB')
    .evaluate((element) => getComputedStyle(element).backgroundColor);
  await expect(initials).toHaveCSS('background-color', colour);

  await send(page, 'Welcome, Bob.');
  const fromAnn = thread(bob).getByRole('article', { name: 'Ann Lee' });
  await expect(fromAnn).toContainText('Welcome, Bob.');
  await send(bob, 'Thank you!');
  await send(bob, 'What is next?');
  const fromBob = thread(page).getByRole('article', { name: 'Bob Brown' });
  await expect(fromBob).toHaveCount(2);
  // Of messages that follow each other, the first alone has the name above it.
  await expect(fromBob.nth(0)).toContainText('Bob Brown');
  await expect(fromBob.nth(1)).toContainText('What is next?');
  await expect(fromBob.nth(1)).not.toContainText('Bob Brown');
  await expect(bob.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: /Launch/ })).toBeVisible();

  // Each edits their own words, and the owner takes away another's.
  await bob.getByRole('textbox', { name: 'Message', exact: true }).press('ArrowUp');
  await bob.getByRole('textbox', { name: 'Edited message' }).fill('What comes next?');
  await expect(bob.getByRole('button', { name: 'Send again' })).toHaveCount(0);
  await bob.keyboard.press('Enter');
  await expect(fromBob.nth(1)).toContainText('What comes next?');
  await fromBob.nth(1).hover();
  await fromBob.nth(1).getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete message' }).click();
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
  const row = bob.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: /Rules/ });
  await expect(row).toBeVisible();
  await expect(bob.getByText('Ann Lee added you to this room.')).toBeVisible();
  await expect(bob.getByText('If you leave, you see nothing of it any more.')).toBeVisible();
  // One click: nobody asked whether they want to come in.
  await bob.getByRole('button', { name: 'Leave', exact: true }).click();
  await expect(row).toHaveCount(0);
  await expect(thread(page)).toContainText('1 person joined, 1 left');
  await expect(panel).not.toContainText('Rob Roe');
  await bob.context().close();
});

test('to make a member an owner and to remove them for good are asked about first', async ({
  page,
  browser,
  confab,
}) => {
  await makeRoom(page, 'Careful');
  const bob = await comeBy(browser, confab.url, await invite(page), 'Bea Bell');
  const panel = page.getByRole('complementary', { name: 'Members' });
  const chooses = async (item: string) => {
    await panel.getByRole('button', { name: 'Actions: Bea Bell' }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  };
  const dialog = page.getByRole('dialog');
  await chooses('Remove for good');
  await expect(dialog).toContainText('Remove Bea Bell for good?');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel).toContainText('Bea Bell');
  await chooses('Make owner');
  await dialog.getByRole('button', { name: 'Make owner' }).click();
  await expect(panel).toContainText(/@bea[^ ]* · Owner/);
  await bob.context().close();
});

test(
  'what a room tells of is each member’s own: its number in the title, the browser’s notification, or nothing',
  { tag: '@long' },
  async ({ page, browser, confab }) => {
    await makeRoom(page, 'Loud');
    const bob = await comeBy(browser, confab.url, await invite(page), 'Bob Brown');
    await bob.context().grantPermissions(['notifications']);
    await bob.addInitScript(() => {
      const shown: string[] = [];
      class Shown extends EventTarget {
        static readonly permission = 'granted';
        constructor(title: string, options: { body?: string }) {
          super();
          shown.push(`${title}: ${options.body ?? ''}`);
        }
      }
      Object.assign(window, { Notification: Shown, shown });
    });
    await bob.goto('/chat/new');
    const row = bob.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: /Loud/ });
    await expect(row).toBeVisible();
    const shown = () => bob.evaluate(() => (window as unknown as { shown: string[] }).shown);

    // As it is at first: mentions alone, and the answers that one asked for.
    const held = confab.model.hold();
    await send(bob, 'What is new?');
    await held.arrived;
    await hide(bob);
    await send(page, 'Just words.');
    await expect(row.getByLabel('1 unread')).toBeVisible();
    const { viewer } = await ask<{ viewer: { person: { handle: string } } }>(
      bob,
      confab.url,
      '{ viewer { person { handle } } }',
    );
    await send(page, `Dear @${viewer.person.handle}, hear!`);
    await expect(bob).toHaveTitle(/^\(1\) /);
    await expect.poll(shown).toEqual([`Ann Lee · Loud: Dear @${viewer.person.handle}, hear!`]);
    held.begin().write('News.').end();
    await expect
      .poll(async () => (await shown()).slice(1))
      .toEqual([expect.stringMatching(/: The answer you asked for is ready\.$/)]);

    await bob.goto(new URL(page.url()).pathname);
    await bob.getByRole('button', { name: 'Members' }).click();
    await bob.getByText('All messages', { exact: true }).click();
    await expect(bob.getByRole('radio', { name: 'All messages' })).toBeChecked();
    await expect(row.getByLabel(/unread/)).toHaveCount(0);
    // What was seen is noted a moment later.
    const chatId = new URL(page.url()).pathname.split('/').at(-1);
    await expect
      .poll(() => ask(bob, confab.url, `{ chat(id: "${chatId}") { unreadCount } }`))
      .toEqual({ chat: { unreadCount: 0 } });
    await bob.goto('/chat/new');
    await expect(row).toBeVisible();
    await hide(bob);
    await send(page, 'Hear, hear.');
    await expect(bob).toHaveTitle(/^\(1\) /);
    await expect.poll(shown).toEqual(['Ann Lee · Loud: Hear, hear.']);

    await row.click();
    await bob.getByRole('button', { name: 'Members' }).click();
    await bob.getByRole('button', { name: 'Mute the room' }).click();
    // The answer in the other chat was not looked at.
    await expect(bob).toHaveTitle(/^✓ Loud/);
    await expect(row.getByLabel('Muted')).toBeVisible();
    await expect(row.getByLabel(/unread/)).toHaveCount(0);
    await send(page, 'And again.');
    await expect(thread(bob)).toContainText('And again.');
    await expect(bob).toHaveTitle(/^✓ Loud/);
    expect(await shown()).toHaveLength(1);
    await bob.context().close();
  },
);

test('who is here and who writes is seen by the others', { tag: '@long' }, async ({ page, browser, confab }) => {
  await makeRoom(page, 'Lively');
  const bob = await comeBy(browser, confab.url, await invite(page), 'Bob Brown');
  const row = page
    .getByRole('complementary', { name: 'Members' })
    .getByRole('listitem')
    .filter({ hasText: 'Bob Brown' });
  await expect(row.getByRole('img', { name: 'Online' })).toBeVisible();

  await bob.getByRole('textbox', { name: 'Message', exact: true }).pressSequentially('I think');
  await expect(page.getByText('Bob Brown is typing…')).toBeVisible();
  await expect(bob.getByText(/is typing/)).toHaveCount(0);
  await bob.keyboard.press('Enter');
  await expect(thread(page)).toContainText('I think');
  await expect(page.getByText(/is typing/)).toHaveCount(0);

  await bob.context().close();
  await expect(row.getByRole('img', { name: 'Offline' })).toBeVisible({ timeout: 30_000 });
});

test('a room is made with people and agents, and an @ offers whom it has, and everybody', async ({
  page,
  browser,
  confab,
}) => {
  const context = await browser.newContext({ baseURL: confab.url });
  const zoe = await context.newPage();
  const email = `zoe-${crypto.randomUUID()}@example.org`;
  await post(zoe.request, confab.url, '/api/auth/sign-up/email', {
    name: 'Zoe Quill',
    email,
    password: 'correct horse battery',
  });
  await zoe.goto('/chat/new');

  await page.goto('/chat/rooms');
  await page.getByLabel('Title').fill('Complete');
  const people = page.getByRole('group', { name: 'People' });
  await people.getByRole('searchbox', { name: 'Add people' }).fill('zoe');
  await people.getByRole('button', { name: /Zoe Quill.*@zoe/ }).click();
  await expect(people.getByRole('button', { name: 'Leave out Zoe Quill' })).toBeVisible();
  await page.getByRole('checkbox', { name: /Claude/ }).check();
  await page.getByRole('button', { name: 'Create a room' }).click();
  await page.getByRole('button', { name: 'Members' }).click();
  const panel = page.getByRole('complementary', { name: 'Members' });
  await expect(panel).toContainText('Zoe Quill');
  await expect(panel.getByRole('button', { name: 'Actions: Claude' })).toBeVisible();
  const row = zoe.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: /Complete/ });
  await expect(row).toBeVisible();

  const field = page.getByRole('textbox', { name: 'Message', exact: true });
  await field.pressSequentially('Hello @zo');
  await expect(page.getByRole('option', { name: /Zoe Quill.*@zoe/ })).toBeVisible();
  await field.press('Tab');
  await expect(field).toHaveValue(/^Hello @zoe[.\w]* $/);
  await field.pressSequentially('and @ro');
  await expect(page.getByRole('option', { name: /Everybody in the room.*@room/ })).toBeVisible();
  await field.press('Enter');
  await expect(field).toHaveValue(/ and @room $/);
  await field.press('Enter');
  await expect(row.getByLabel('1 mention')).toBeVisible();
  await row.click();
  await expect(thread(zoe).getByTitle('Zoe Quill')).toHaveText(/^@zoe/);
  await context.close();
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
  const found = bob.getByRole('button', { name: 'Join: Open house' });
  await expect(found.first()).toBeVisible();
  await bob.getByRole('searchbox', { name: 'Search open rooms' }).fill('nothing like it');
  await expect(bob.getByText('No open room is called that')).toBeVisible();
  await bob.getByRole('searchbox', { name: 'Search open rooms' }).fill('OPEN hou');
  await bob.getByRole('button', { name: 'Join: Open house' }).first().click();
  await expect(bob.getByRole('heading', { level: 1, name: 'Open house' })).toBeVisible();
  // Three comings and goings are shown as one, which can be opened.
  const folded = thread(page).getByRole('button', { name: '1 person joined, 1 left' });
  await folded.click();
  await expect(thread(page).getByText('Bob Brown joined')).toHaveCount(2);
  await expect(folded).toHaveAttribute('aria-expanded', 'true');
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
  // What comes before one's eyes is read, and never counted as unread in between: neither in its row nor in the title.
  await bob.evaluate(() => {
    const shown: string[] = [];
    Object.assign(window, { shown });
    const note = () =>
      shown.push(
        document.title,
        ...[...document.querySelectorAll('[aria-label]')].map(({ ariaLabel }) => ariaLabel ?? ''),
      );
    new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true });
  });
  const { viewer } = await ask<{ viewer: { person: { handle: string } } }>(
    bob,
    confab.url,
    '{ viewer { person { handle } } }',
  );
  const read = bob.waitForResponse((response) => response.request().postData()?.includes('MarkRead') ?? false);
  await send(page, `Three, @${viewer.person.handle}.`);
  await expect(thread(bob)).toContainText('Three,');
  await read;
  await expect(row.getByLabel(/unread/)).toHaveCount(0);
  const shown = await bob.evaluate(() => (window as unknown as { shown: string[] }).shown);
  expect(shown.filter((each) => /^\(\d|unread|^\d+ mention/.test(each))).toEqual([]);
  expect(shown).toContain('Ann Lee');
  await bob.context().close();
});

test('a reply quotes a message and leads to it, and everybody sees who reacted', async ({ page, browser, confab }) => {
  await makeRoom(page, 'Replies');
  const bob = await comeBy(browser, confab.url, await invite(page), 'Bob Brown');
  await page.getByRole('complementary', { name: 'Members' }).getByRole('button', { name: 'Close' }).click();
  await send(page, 'Shall we launch on Monday?');
  const asked = thread(bob).getByRole('article', { name: 'Ann Lee' });
  await asked.hover();
  await asked.getByRole('button', { name: 'Reply' }).click();
  const strip = bob.locator('[data-reply]');
  const field = bob.getByRole('textbox', { name: 'Message', exact: true });
  await expect(strip).toContainText('Replying to Ann Lee');
  await expect(field).toBeFocused();
  await bob.keyboard.press('Escape');
  await expect(strip).toHaveCount(0);
  await expect(field).toBeFocused();

  await asked.hover();
  await asked.getByRole('button', { name: 'Reply' }).click();
  await send(bob, 'On Tuesday.');
  await expect(strip).toHaveCount(0);
  const quote = thread(page).getByRole('link', { name: /^In reply to Ann Lee: Shall we launch/ });
  await quote.click();
  await expect(thread(page).locator('[data-marked]')).toContainText('Shall we launch on Monday?');

  // With the keyboard alone: to the tools of the row, into the picker, and to an emoji by its name.
  const answer = thread(page).getByRole('article', { name: 'Bob Brown' });
  await answer.getByRole('button', { name: 'Add a reaction' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('combobox').fill('party popper');
  await expect(page.getByRole('option', { name: /party popper/ })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const chip = answer.getByRole('button', { name: '🎉: Ann Lee, 1' });
  await expect(chip).toHaveAttribute('aria-pressed', 'true');
  const own = thread(bob).getByRole('article', { name: 'You' });
  await own.getByRole('button', { name: '🎉: Ann Lee, 1' }).click();
  await expect(answer.getByRole('button', { name: '🎉: Ann Lee and Bob Brown, 2' })).toBeVisible();
  await answer.getByRole('button', { name: /🎉/ }).click();
  await expect(own.getByRole('button', { name: '🎉: Bob Brown, 1' })).toHaveAttribute('aria-pressed', 'true');
  await expect(answer.getByRole('button', { name: /🎉/ })).toHaveAttribute('aria-pressed', 'false');

  // What is deleted is a tombstone, also where it is quoted.
  await thread(page).getByRole('article', { name: 'You' }).hover();
  await thread(page).getByRole('article', { name: 'You' }).getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete message' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(thread(bob).getByRole('link', { name: 'In reply to Ann Lee: This message was deleted.' })).toBeVisible();
  await bob.context().close();
});

test('a room opens at the first message that was not read, and one key leads to the end', async ({
  page,
  browser,
  confab,
}) => {
  await makeRoom(page, 'Long');
  const bob = await comeBy(browser, confab.url, await invite(page), 'Bob Brown');
  await send(page, 'Read before.');
  await expect(thread(bob)).toContainText('Read before.');
  await bob.getByRole('link', { name: 'New chat' }).click();
  const row = bob.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: /Long/ });
  await expect(row.getByLabel(/unread/)).toHaveCount(0);
  const chatId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  for (let index = 1; index <= 70; index += 1) await sayByApi(page, confab.url, chatId, `Line ${index} of many.`);
  await expect(row.getByLabel('70 unread')).toBeVisible();

  await row.click();
  const line = thread(bob).locator('[data-new-line]');
  await expect(line).toBeInViewport();
  await expect(thread(bob).getByText('Line 1 of many.', { exact: true })).toBeInViewport();
  // Only what was in view is read.
  await expect(row.getByLabel(/^[3-6]\d unread$/)).toBeVisible();
  await bob.reload();
  await expect(line).toBeInViewport();
  await expect(thread(bob).getByText('Line 1 of many.', { exact: true })).toHaveCount(1);

  await bob.getByRole('textbox', { name: 'Message', exact: true }).press('End');
  await expect(thread(bob).getByText('Line 70 of many.', { exact: true })).toBeInViewport();
  await expect(row.getByLabel(/unread/)).toHaveCount(0);
  await bob.context().close();
});

test('whoever may changes title, topic and access in the panel, and others see neither form nor stale words', async ({
  page,
  browser,
  confab,
}) => {
  await makeRoom(page, 'Before');
  const bob = await comeBy(browser, confab.url, await invite(page), 'Bob Brown');
  await bob.getByRole('button', { name: 'Members' }).click();
  const panel = page.getByRole('complementary', { name: 'Members' });
  const bobs = bob.getByRole('complementary', { name: 'Members' });
  await expect(bobs.getByText('All about the launch')).toBeVisible();
  await expect(bobs.getByLabel('Title')).toHaveCount(0);
  await expect(bobs.getByRole('button', { name: 'Create a link' })).toHaveCount(0);

  await panel.getByLabel('Title').fill('After');
  await panel.getByLabel('Topic').fill('What was learned');
  await panel.getByText('Everybody', { exact: true }).click();
  await panel.getByLabel('Every member may invite others').check();
  await panel.getByRole('button', { name: 'Save' }).click();
  await expect(bob.getByRole('heading', { level: 1, name: 'After' })).toBeVisible();
  await expect(bobs.getByText('What was learned')).toBeVisible();
  // Beside the title too, in whole under the pointer.
  await expect(bob.getByTitle('What was learned')).toBeVisible();
  await expect(bobs.getByRole('button', { name: 'Create a link' })).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Save' })).toBeDisabled();

  await panel.getByRole('button', { name: 'Actions: Bob Brown' }).click();
  await page.getByRole('menuitem', { name: 'Make moderator' }).click();
  await expect(bobs.getByLabel('Title')).toHaveValue('After');
  await expect(bobs.getByLabel('Every member may invite others')).toHaveCount(0);
  await bob.context().close();
});

test('on a phone the panel is a sheet: it takes the focus, and Escape and a tap outside close it', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await makeRoom(page, 'Sheet');
  const opener = page.getByRole('button', { name: 'Members' });
  const sheet = page.getByRole('dialog', { name: 'Members' });
  await opener.click();
  await expect(sheet).toHaveAttribute('aria-modal', 'true');
  await expect(sheet.getByRole('button', { name: 'Close' })).toBeFocused();
  expect((await sheet.boundingBox())?.width).toBe(390);
  await expect(page.getByPlaceholder('Message', { exact: true })).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);
  await expect(opener).toBeFocused();

  await opener.click();
  // A dialog over the sheet closes alone.
  await sheet.getByRole('button', { name: 'Leave the room' }).click();
  await expect(page.getByRole('dialog', { name: 'Leave the room' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Leave the room' })).toHaveCount(0);
  await expect(sheet).toBeVisible();
  await page.mouse.click(195, 20);
  await expect(sheet).toHaveCount(0);
});

test('each link says how it can still be used, and is revoked alone', async ({ page }) => {
  await makeRoom(page, 'Links');
  await page.getByRole('button', { name: 'Members' }).click();
  const panel = page.getByRole('complementary', { name: 'Members' });
  await panel.getByRole('button', { name: 'Create a link' }).click();
  const rows = panel.getByRole('list', { name: 'Links that can be used' }).getByRole('listitem');
  await expect(rows).toHaveText([/^0 of 20 used, until /]);
  await panel.getByLabel('By', { exact: true }).selectOption('5 people');
  await panel.getByLabel('Can be used for').selectOption('1 day');
  await panel.getByRole('button', { name: 'Create a link' }).click();
  await expect(rows).toHaveText([/^0 of 5 used, until /, /^0 of 20 used, until /]);
  await rows.nth(1).getByRole('button', { name: 'Revoke' }).click();
  await expect(rows).toHaveText([/^0 of 5 used, until /]);
  await expect(panel.getByLabel('Invitation link')).toBeVisible();
  await rows.first().getByRole('button', { name: 'Revoke' }).click();
  await expect(rows).toHaveCount(0);
  await expect(panel.getByLabel('Invitation link')).toHaveCount(0);
});

test('a link that cannot be used says so', async ({ page }) => {
  await page.goto('/join/nothing-like-that');
  await expect(page.getByRole('heading', { name: 'This link cannot be used' })).toBeVisible();
});

for (const [width, height] of [
  [1440, 900],
  [390, 844],
] as const)
  test(
    `rooms have no serious finding of axe at ${width} pixels, and nothing is wider than the screen`,
    { tag: width === 1440 ? [] : ['@long'] },
    async ({ page, browser, confab }) => {
      await makeRoom(page, 'Looks');
      const bob = await comeBy(browser, confab.url, await invite(page), 'Bob Brown');
      await send(bob, 'A first message, which is long enough to have more than one line on a telephone.');
      await send(page, 'And an answer.');
      await page.setViewportSize({ width, height });
      for (const place of ['panel', 'thread', 'picker', 'rooms'] as const) {
        if (place === 'thread') await page.getByRole('button', { name: 'Close' }).click();
        if (place === 'picker') {
          const said = thread(page).getByRole('article', { name: 'Bob Brown' });
          await said.hover();
          await said.getByRole('button', { name: 'More actions' }).click();
          await page.getByRole('menuitem', { name: 'Add a reaction' }).click();
          await expect(page.getByRole('menuitem', { name: /grinning face/ }).first()).toBeVisible();
        }
        if (place === 'rooms') await page.goto('/chat/rooms');
        await expectSound(page, { where: place });
        if (process.env['SHOTS']) await page.screenshot({ path: `${process.env['SHOTS']}/${place}-${width}.png` });
      }
      await bob.context().close();
    },
  );

test('an owner is told whom it shows what before the past of a room is hidden or shown', async ({
  page,
  browser,
  confab,
}) => {
  await makeRoom(page, 'Past');
  await send(page, 'Said before.');
  const bob = await comeBy(browser, confab.url, await invite(page), 'Bob Brown');
  await expect(thread(bob)).toContainText('Said before.');
  await bob.getByRole('button', { name: 'Members' }).click();
  await expect(bob.getByText('Newcomers see everything')).toBeVisible();
  await expect(bob.getByRole('button', { name: 'Hide the past from newcomers' })).toHaveCount(0);

  const choose = async (change: string, warning: string) => {
    await page.getByRole('complementary', { name: 'Members' }).getByRole('button', { name: change }).click();
    await expect(page.getByRole('dialog')).toContainText(warning);
    await page.getByRole('dialog').getByRole('button', { name: change }).click();
  };
  await choose('Hide the past from newcomers', 'no longer sees what was said before');
  await expect(bob.getByText('Newcomers see what is said from when they join.')).toBeVisible();
  await bob.reload();
  await expect(thread(bob)).toContainText('Bob Brown joined');
  await expect(thread(bob)).not.toContainText('Said before.');

  await choose('Show everything to everybody', 'is shown to everybody who is in it');
  await bob.getByRole('button', { name: 'Members' }).click();
  await expect(bob.getByText('Newcomers see everything')).toBeVisible();
  await bob.reload();
  await expect(thread(bob)).toContainText('Said before.');
  await bob.context().close();
});
