import type { Page } from '@playwright/test';

import { ask, expect, send, test, thread } from './confab.ts';

const list = (page: Page) => page.getByRole('navigation', { name: 'Chats' });
const row = (page: Page, title: string) => list(page).getByRole('link', { name: new RegExp(title) });

async function withChats(page: Page, url: string, ...titles: string[]): Promise<void> {
  for (const title of titles) {
    await ask(page, url, 'mutation ($title: String!) { createChat(input: { title: $title }) { __typename } }', {
      title,
    });
  }
  await page.goto('/chat');
  for (const title of titles) await expect(row(page, title)).toBeVisible();
}

async function choose(page: Page, title: string, action: string): Promise<void> {
  await row(page, title).hover();
  await page.getByRole('button', { name: `Chat actions: ${title}` }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

test.beforeEach(({ ann }) => expect(ann.name).toBe('Ann Lee'));

test('renaming a chat', async ({ page, confab }) => {
  await withChats(page, confab.url, 'Badly named');
  await choose(page, 'Badly named', 'Rename');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Title' }).fill('Well named');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(row(page, 'Well named')).toBeVisible();
  await page.reload();
  await expect(row(page, 'Well named')).toBeVisible();
  await expect(row(page, 'Badly named')).toHaveCount(0);

  // Another title that comes while one types does not replace what one types.
  await row(page, 'Well named').click();
  await page.getByRole('button', { name: 'Chat actions', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Rename', exact: true }).click();
  const field = dialog.getByRole('textbox', { name: 'Title' });
  await field.fill('As I want it');
  const id = page.url().split('/').at(-1) ?? '';
  await ask(page, confab.url, `mutation { updateChat(input: { id: "${id}", title: "By another" }) { __typename } }`);
  await expect(page.getByText('By another').first()).toBeVisible();
  await expect(field).toHaveValue('As I want it');
  await page.keyboard.press('Enter');
  await expect(row(page, 'As I want it')).toBeVisible();

  // A title, and what is typed, take the direction of their language, in the midst of a page in another one.
  await ask(page, confab.url, `mutation { updateChat(input: { id: "${id}", title: "خطة الإصدار" }) { __typename } }`);
  for (const title of [page.getByRole('heading', { name: 'خطة' }).getByText('خطة'), row(page, 'خطة').getByText('خطة')])
    await expect(title).toHaveCSS('direction', 'rtl');
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.fill('שלום');
  await expect(box).toHaveCSS('direction', 'rtl');
  await box.fill('Hello');
  await expect(box).toHaveCSS('direction', 'ltr');
  const search = page.getByRole('searchbox', { name: 'Search chats' });
  await search.fill('שלום');
  await expect(search).toHaveCSS('direction', 'rtl');
  await search.fill('');
  for (const [name, direction] of [
    ['תוכנית', 'rtl'],
    ['A plan', 'ltr'],
  ] as const) {
    await page.getByRole('button', { name: 'Chat actions', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Rename', exact: true }).click();
    await field.fill(name);
    await expect(field).toHaveCSS('direction', direction);
    await page.keyboard.press('Enter');
    for (const title of [page.getByRole('heading', { name }).getByText(name), row(page, name).getByText(name)])
      await expect(title).toHaveCSS('direction', direction);
  }
});

test('a dialog begins at its field, and gives the focus back to what opened it', async ({ page, confab }) => {
  await withChats(page, confab.url, 'Some name');
  const opener = page.getByRole('button', { name: 'Chat actions: Some name' });
  const field = page.getByRole('dialog').getByRole('textbox', { name: 'Title' });
  await choose(page, 'Some name', 'Rename');
  await expect(field).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(opener).toBeFocused();
  // By keys alone.
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Rename' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(field).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(opener).toBeFocused();

  await row(page, 'Some name').click();
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await box.focus();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(box).toBeFocused();
});

test.describe('on a touch phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('what is tapped in a menu is not clicked in what then lies there', async ({ page, confab }) => {
    await withChats(page, confab.url, 'Third', 'Second', 'First');
    await page.evaluate(() => {
      const clicks: string[] = [];
      Object.assign(window, { clicks });
      document.addEventListener('click', ({ target }) => clicks.push((target as Element).outerHTML), true);
    });
    await page.getByRole('button', { name: 'Chat actions: First' }).tap();
    await expect.poll(() => page.evaluate(() => (window as unknown as { clicks: string[] }).clicks.length)).toBe(1);
    await page.getByRole('menuitem', { name: 'Rename' }).tap();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('textbox', { name: 'Title' })).toBeFocused();
    // A tap comes after all that the one before it brought about.
    await dialog.getByRole('textbox', { name: 'Title' }).tap();
    await expect.poll(() => page.evaluate(() => (window as unknown as { clicks: string[] }).clicks)).toHaveLength(2);
    await expect(dialog).toBeVisible();
  });
});

test('rooms and chats appear together, so that no row moves away from under the pointer', async ({ page, confab }) => {
  await withChats(page, confab.url, 'A private chat');
  await ask(page, confab.url, 'mutation { createRoom(input: { title: "A room" }) { __typename } }');
  const released = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    const asked = route.request().postDataJSON() as { variables?: { kind?: string } } | null;
    if (asked?.variables?.kind === 'ROOM') await released.promise;
    await route.continue();
  });
  const chats = page.waitForResponse((response) => response.request().postData()?.includes('"PRIVATE"') ?? false);
  await page.reload();
  await (await chats).finished();
  await expect(page.getByText('connected')).toBeVisible();
  await expect(row(page, 'A private chat')).toHaveCount(0);
  released.resolve();
  await expect(row(page, 'A room')).toBeVisible();
  await expect(row(page, 'A private chat')).toBeVisible();
});

test('pinning a chat puts it first', async ({ page, confab }) => {
  await withChats(page, confab.url, 'Oldest', 'Middle', 'Newest');
  await expect(list(page).getByRole('link').first()).toContainText('Newest');
  await choose(page, 'Oldest', 'Pin');
  await expect(list(page).getByRole('link').first()).toContainText('Oldest');
  await page.reload();
  await expect(list(page).getByRole('link').first()).toContainText('Oldest');
  await choose(page, 'Oldest', 'Unpin');
  await expect(list(page).getByRole('link').first()).toContainText('Newest');
});

test('what changes in the list leaves an open menu and the focus alone', async ({ page, confab }) => {
  await withChats(page, confab.url, 'At hand', 'Elsewhere');
  const { chats } = await ask<{ chats: { nodes: { id: string; title: string }[] } }>(
    page,
    confab.url,
    '{ chats { nodes { id title } } }',
  );
  const rename = async (title: string, input: string) => {
    const { id } = chats.nodes.find((chat) => chat.title === title) ?? { id: '' };
    await ask(page, confab.url, `mutation { updateChat(input: { id: "${id}", title: "${input}" }) { __typename } }`);
    await expect(row(page, input)).toBeVisible();
  };
  await row(page, 'At hand').focus();
  await rename('Elsewhere', 'Far away');
  await rename('At hand', 'Right here');
  await expect(row(page, 'Right here')).toBeFocused();

  await row(page, 'Right here').hover();
  await page.getByRole('button', { name: 'Chat actions: Right here' }).click();
  await expect(page.getByRole('menuitem', { name: 'Archive' })).toBeVisible();
  await ask(page, confab.url, 'mutation { createChat(input: { title: "A third" }) { __typename } }');
  // While a menu is open, all else is hidden from queries by role.
  await expect(page.getByText('A third')).toBeVisible();
  // The menu's button keeps the place of the time, wherever pointer and focus are.
  await page.mouse.move(900, 500);
  const times = page.locator('[data-chats] li').filter({ hasText: 'Right here' }).locator('time');
  await expect(times).toBeHidden();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await expect(row(page, 'Right here')).toHaveCount(0);
});

test('archiving a chat and bringing it back', async ({ page, confab }) => {
  await withChats(page, confab.url, 'For later', 'For now');
  await choose(page, 'For later', 'Archive');
  await expect(row(page, 'For later')).toHaveCount(0);
  await page
    .getByRole('radio', { name: 'Archived' })
    .or(page.getByRole('tab', { name: 'Archived' }))
    .click();
  await expect(row(page, 'For later')).toBeVisible();
  await row(page, 'For later').click();
  await expect(page.getByText('This chat is archived.')).toBeVisible();
  await choose(page, 'For later', 'Unarchive');
  await page
    .getByRole('radio', { name: 'Active' })
    .or(page.getByRole('tab', { name: 'Active' }))
    .click();
  await expect(row(page, 'For later')).toBeVisible();

  // Undone where one was reading it, it is read on.
  await row(page, 'For later').click();
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeVisible();
  await choose(page, 'For later', 'Archive');
  await expect(page).not.toHaveURL(/Chat_/);
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(page).toHaveURL(/Chat_/);
});

test('deleting a chat can be undone at once, and later from among the deleted', async ({ page, confab }) => {
  await withChats(page, confab.url, 'By mistake');
  await choose(page, 'By mistake', 'Delete');
  await expect(row(page, 'By mistake')).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row(page, 'By mistake')).toBeVisible();

  await choose(page, 'By mistake', 'Delete');
  // Said once the server has done it: a reload before that takes the request back.
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  await page.reload();
  await expect(row(page, 'By mistake')).toHaveCount(0);
  await page
    .getByRole('radio', { name: 'Deleted' })
    .or(page.getByRole('tab', { name: 'Deleted' }))
    .click();
  await choose(page, 'By mistake', 'Restore');
  await page
    .getByRole('radio', { name: 'Active' })
    .or(page.getByRole('tab', { name: 'Active' }))
    .click();
  await expect(row(page, 'By mistake')).toBeVisible();
});

test('searching in the titles', async ({ page, confab }) => {
  await withChats(page, confab.url, 'Recipes for soup', 'Release notes', 'Поход в горы');
  const search = page.getByRole('searchbox', { name: 'Search chats' });
  await search.fill('RELEASE');
  await expect(row(page, 'Release notes')).toBeVisible();
  await expect(row(page, 'Recipes for soup')).toHaveCount(0);
  await search.fill('поход');
  await expect(row(page, 'Поход в горы')).toBeVisible();
  await search.fill('nothing like it');
  await expect(page.getByText('No chat has this in its title')).toBeVisible();
  await search.fill('');
  await expect(row(page, 'Recipes for soup')).toBeVisible();

  // The arrows lead into what was found and back, and Enter opens the first, be it not found yet.
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 'Поход в горы')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 'Release notes')).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(search).toBeFocused();
  await page.keyboard.type('soup');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Recipes for soup' })).toBeVisible();
});

test('the limit of chats is said in words', async ({ page, confab }) => {
  test.slow();
  for (let number = 0; number < 100; number += 1) {
    await ask(page, confab.url, 'mutation { createChat(input: {}) { __typename } }');
  }
  await page.goto('/chat');
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('One too many');
  await page.keyboard.press('Enter');
  await expect(
    page.getByText('You have reached the limit of 100 chats. Archive or delete one to make room.'),
  ).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue('One too many');
});

test('a chat that is archived or deleted can be read and stopped, not changed, and its address shows where it is', async ({
  page,
  confab,
}) => {
  const held = confab.model.hold();
  await page.goto('/chat');
  await send(page, 'A long story.');
  held.begin().write('Once upon');
  await expect(thread(page)).toContainText('Once upon');
  const id = page.url().split('/').at(-1);
  const does = (verb: string) => ask(page, confab.url, `mutation { ${verb}(input: { id: "${id}" }) { __typename } }`);
  const changes = thread(page).getByRole('button', { name: /Answer again|Edit message|Delete message|Continue|Retry/ });

  await does('archiveChat');
  await expect(page.getByText('This chat is archived.')).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await held.gone;
  await expect(thread(page).getByText('Stopped', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Stop' })).toHaveCount(0);
  await expect(changes).toHaveCount(0);
  await does('unarchiveChat');
  // Edit, Delete, Answer again and Continue.
  await expect(changes).toHaveCount(4);

  await does('archiveChat');
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Archived' })).toBeChecked();
  await expect(row(page, 'A long story')).toBeVisible();
  await expect(thread(page)).toContainText('Once upon');
  await expect(changes).toHaveCount(0);
  await does('deleteChat');
  await expect(page.getByText('This chat is deleted.')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Deleted' })).toBeChecked();
  await expect(row(page, 'A long story')).toBeVisible();
  await expect(changes).toHaveCount(0);
});
