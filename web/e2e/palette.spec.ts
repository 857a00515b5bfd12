import type { Page } from '@playwright/test';

import { says } from '../../api/testing/model-server.ts';
import { ask, expect, send, test, thread } from './confab.ts';

test('what one chooses in the palette stays chosen while an answer is written', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  for (const title of ['Breakfast', 'Lunch']) {
    await ask(page, confab.url, 'mutation ($title: String!) { createChat(input: { title: $title }) { __typename } }', {
      title,
    });
  }
  await page.goto('/chat');
  const held = confab.model.hold();
  await send(page, 'Dinner');
  await held.arrived;
  held.begin().write('Soup, ');
  await expect(thread(page)).toContainText('Soup,');

  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox');
  await field.fill('n');
  await expect(page.getByRole('option', { name: 'Lunch' })).toBeVisible();
  const options = await page.getByRole('option').allTextContents();
  const place = options.findIndex((words) => words.startsWith('Lunch'));
  expect(place).toBeGreaterThan(0);
  for (let step = 0; step < place; step += 1) await field.press('ArrowDown');
  await expect(page.getByRole('option', { name: 'Lunch', selected: true })).toBeVisible();
  held.write('bread and salad.');
  // The dialog hides the thread from queries by role.
  await expect(page.getByText('Soup, bread and salad.')).toBeVisible();
  await expect(page.getByRole('option', { name: 'Lunch', selected: true })).toBeVisible();
  await field.press('Enter');
  await expect(page.getByRole('heading', { name: 'Lunch' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  held.end();
});

interface KeyPress {
  key: string;
  code: string;
  keyCode?: number;
  altKey?: boolean;
  ctrlKey?: boolean;
  metaKey?: boolean;
  shiftKey?: boolean;
  modifierAltGraph?: boolean;
  isComposing?: boolean;
}

const box = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });

test('from the box, New chat, search, help and the way out are a key away', async ({ page, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat/new');
  const search = page.getByRole('searchbox', { name: 'Search chats' });
  const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(box(page)).toBeFocused();
  await box(page).press('Control+/');
  await expect(search).toBeFocused();
  await box(page).press('Control+Shift+?');
  await expect(list).toBeVisible();
  await expect(list.getByRole('listitem').filter({ hasText: 'New chat' })).toHaveText('New chatNorAltNorCtrlShiftO');
  await expect(list.getByRole('listitem').filter({ hasText: 'Edit your last message' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(list).toHaveCount(0);

  for (const keys of ['Alt+n', 'Control+Shift+O']) {
    await page.goto('/chat/new');
    await send(page, 'A chat.');
    await expect(thread(page)).toContainText('Well said.');
    await expect(page.getByRole('button', { name: 'Send' })).toBeVisible();
    await box(page).press(keys);
    await expect(page).toHaveURL(/\/chat\/new$/);
  }

  await box(page).fill('A draft');
  await box(page).press('Escape');
  await expect(box(page)).toBeFocused();
  await box(page).fill('');
  await box(page).press('Escape');
  await expect(box(page)).not.toBeFocused();
  await page.keyboard.press('/');
  await expect(search).toBeFocused();
});

test('keys work in other layouts, and neither composing nor AltGr sets one off', async ({ page, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat/new');
  await expect(box(page)).toBeFocused();
  const search = page.getByRole('searchbox', { name: 'Search chats' });
  const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  const palette = page.getByRole('dialog', { name: 'Command palette' });

  /** Whether the page took the key for itself. */
  const presses = (keyboard: KeyPress) =>
    page.evaluate((init) => {
      const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });
      return !(document.activeElement ?? document.body).dispatchEvent(event);
    }, keyboard);

  // The German y stands at the place of z, AltGr+ß is a backslash, and with AltGr a Pole writes ń. Ctrl+- makes the page smaller.
  for (const own of [
    { key: 'т', code: 'KeyN', altKey: true, isComposing: true },
    { key: 'n', code: 'KeyN', altKey: true, keyCode: 229 },
    { key: 'ń', code: 'KeyN', altKey: true, modifierAltGraph: true },
    { key: 'ń', code: 'KeyN', altKey: true, ctrlKey: true, modifierAltGraph: true },
    { key: '/', code: 'Digit7', altKey: true, ctrlKey: true, modifierAltGraph: true },
    { key: '-', code: 'Slash', ctrlKey: true },
    { key: 'n', code: 'KeyN', ctrlKey: true },
    { key: 't', code: 'KeyT', ctrlKey: true },
    { key: 'w', code: 'KeyW', ctrlKey: true },
    { key: 'т', code: 'KeyN' },
    { key: '.', code: 'Slash' },
    { key: '?', code: 'Digit7', shiftKey: true },
  ])
    expect(await presses(own), JSON.stringify(own)).toBe(false);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(box(page)).toBeFocused();

  for (const keys of [
    { key: 'л', code: 'KeyK', ctrlKey: true },
    { key: 'K', code: 'KeyK', ctrlKey: true },
  ]) {
    expect(await presses(keys), JSON.stringify(keys)).toBe(true);
    await expect(palette).toBeVisible();
    await expect(page.getByRole('combobox')).toBeFocused();
    expect(await presses({ key: 'ArrowDown', code: 'ArrowDown', isComposing: true })).toBe(false);
    expect(await presses({ key: 'Enter', code: 'Enter', keyCode: 229 })).toBe(false);
    expect(await presses({ key: 'ArrowDown', code: 'ArrowDown' })).toBe(true);
    await page.keyboard.press('Escape');
    await expect(palette).toHaveCount(0);
  }
  for (const keys of [
    { key: ',', code: 'Slash', shiftKey: true, ctrlKey: true },
    { key: '?', code: 'Minus', shiftKey: true, ctrlKey: true },
  ]) {
    expect(await presses(keys), JSON.stringify(keys)).toBe(true);
    await expect(list).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(list).toHaveCount(0);
  }
  for (const keys of [
    { key: '.', code: 'Slash', ctrlKey: true },
    { key: '/', code: 'Digit7', shiftKey: true, ctrlKey: true },
  ]) {
    await box(page).focus();
    expect(await presses(keys), JSON.stringify(keys)).toBe(true);
    await expect(search).toBeFocused();
  }
  await box(page).focus();
  expect(await presses({ key: 'т', code: 'KeyN', altKey: true })).toBe(true);
  expect(await presses({ key: 'Щ', code: 'KeyO', shiftKey: true, ctrlKey: true })).toBe(true);
  await page.getByRole('button', { name: /^Main menu/ }).focus();
  expect(await presses({ key: 'т', code: 'KeyN' })).toBe(true);
});

test('on a Mac the keys are shown as there, and Option with a letter types', async ({ browser, page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  const context = await browser.newContext({
    baseURL: confab.url,
    storageState: await page.context().storageState(),
    userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15',
  });
  const mac = await context.newPage();
  await mac.goto('/chat/new');
  await box(mac).press('Meta+Shift+?');
  const list = mac.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(list.getByRole('listitem').filter({ hasText: 'New chat' })).toHaveText('New chatNor⌘⇧O');
  // The dialog handles its keys only some frames after it is shown.
  await expect(async () => {
    await mac.keyboard.press('Escape');
    await expect(list).toHaveCount(0, { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  const isTaken = (init: KeyPress) =>
    box(mac).evaluate((field, keys) => {
      const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...keys });
      return !field.dispatchEvent(event);
    }, init);
  expect(await isTaken({ key: 'Dead', code: 'KeyN', altKey: true })).toBe(false);
  expect(await isTaken({ key: 'k', code: 'KeyK', ctrlKey: true })).toBe(false);
  expect(await isTaken({ key: 'k', code: 'KeyK', metaKey: true })).toBe(true);
  await context.close();
});

test('the up arrow in the empty box opens the last own message, and Esc leads back', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  confab.model.next(says('First.'), says(Array.from({ length: 80 }, (_, index) => `Line ${index}.`).join('\n\n')));
  await page.goto('/chat');
  await send(page, 'One');
  await expect(thread(page)).toContainText('First.');
  await send(page, 'Two');
  await expect(thread(page)).toContainText('Line 79.');
  await expect(thread(page)).toHaveAttribute('aria-busy', 'false');
  const editor = page.getByRole('textbox', { name: 'Edited message' });

  await box(page).fill('A draft');
  await box(page).press('ArrowUp');
  await expect(editor).toHaveCount(0);
  await box(page).fill('');
  await box(page).press('ArrowUp');
  await expect(editor).toBeFocused();
  await expect(editor).toHaveValue('Two');
  await expect(editor).toBeInViewport();
  await editor.press('Escape');
  await expect(editor).toHaveCount(0);
  await expect(box(page)).toBeFocused();

  await box(page).press('Control+k');
  await page.getByRole('combobox').fill('edit your last');
  await page.getByRole('combobox').press('Enter');
  await expect(editor).toBeFocused();
  await editor.fill('Twice');
  await editor.press('Enter');
  await expect(thread(page)).toContainText('Well said.');
  await expect(box(page)).toBeFocused();
});
