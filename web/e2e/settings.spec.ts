import { says } from '../../api/testing/model-server.ts';
import { ask, expect, post, send, test, thread } from './confab.ts';

test('name, handle and password can be changed, and the new ones count', async ({ page, confab, ann, playwright }) => {
  await page.goto('/settings');
  await page.getByLabel('Name').fill('Ann Marie Lee');
  await page.getByRole('button', { name: 'Save name' }).click();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Name')).toHaveValue('Ann Marie Lee');

  const handle = `marie.${crypto.randomUUID().slice(0, 8)}`;
  for (const [wrong, words] of [
    ['claude', 'Somebody else has this handle.'],
    ['Ann Lee', 'a letter or a digit first'],
  ] as const) {
    await page.getByLabel('Handle').fill(wrong);
    await page.getByRole('button', { name: 'Save handle' }).click();
    await expect(page.getByText(words)).toBeVisible();
  }
  await page.getByLabel('Handle').fill(handle);
  await page.getByRole('button', { name: 'Save handle' }).click();
  await expect(page.getByText(`mention you as @${handle}`)).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Handle')).toHaveValue(handle);

  await page.getByLabel('Current password').fill('not this one');
  await page.getByLabel('New password').fill('another battery staple');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('The current password is wrong.')).toBeVisible();
  await page.getByLabel('Current password').fill(ann.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText(/The password was changed/)).toBeVisible();

  const elsewhere = await playwright.request.newContext();
  await post(elsewhere, confab.url, '/api/auth/sign-in/email', {
    email: ann.email,
    password: 'another battery staple',
  });
  await expect(
    post(elsewhere, confab.url, '/api/auth/sign-in/email', { email: ann.email, password: ann.password }),
  ).rejects.toThrow('401');
  await elsewhere.dispose();
});

test('a session elsewhere can be ended', async ({ page, confab, ann, playwright }) => {
  const elsewhere = await playwright.request.newContext({
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  });
  await post(elsewhere, confab.url, '/api/auth/sign-in/email', { email: ann.email, password: ann.password });
  await page.goto('/settings');
  await page.getByRole('button', { name: /Revoke Firefox/ }).click();
  await expect(page.getByText('The session was revoked.')).toBeVisible();
  await expect(page.getByRole('button', { name: /Revoke Firefox/ })).toHaveCount(0);
  const { data } = (await post(elsewhere, confab.url, '/graphql', { query: '{ viewer { id } }' })) as { data: object };
  expect(data).toEqual({ viewer: null });
  await elsewhere.dispose();
});

test('language and colours change at once and stay', async ({ page, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/settings');
  await page.getByRole('radio', { name: 'Русский' }).check({ force: true });
  await expect(page.getByRole('heading', { name: 'Настройки' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ru');
  await page.getByRole('radio', { name: 'Светлая' }).check({ force: true });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Настройки' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
});

test('the browser is asked for notifications by the button alone, and what it said is shown', async ({ page, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.addInitScript(() => {
    class Asked extends EventTarget {
      static permission = 'default';
      static times = 0;
      static requestPermission() {
        Asked.times += 1;
        return Promise.resolve((Asked.permission = 'granted'));
      }
    }
    Object.assign(window, { Notification: Asked });
  });
  const times = () => page.evaluate(() => (Notification as unknown as { times: number }).times);
  await page.goto('/chat');
  await send(page, 'Tell me later.');
  await expect(thread(page).getByText('Well said.')).toBeVisible();
  expect(await times()).toBe(0);
  await page.goto('/settings');
  const button = page.getByRole('button', { name: 'Allow notifications' });
  await expect(button).toBeVisible();
  expect(await times()).toBe(0);
  await button.click();
  await expect(button).toHaveCount(0);
  expect(await times()).toBe(1);
});

test('leaving settings leads back to the chat one came from', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  confab.model.otherwise(says('Well said.'));
  await page.goto('/chat');
  await send(page, 'A chat to come back to.');
  await expect(thread(page).getByText('Well said.')).toBeVisible();
  const chat = page.url();
  const openSettings = async () => {
    await page.getByRole('button', { name: /^Main menu/ }).click();
    await page.getByRole('menuitem', { name: 'Settings' }).click();
    await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  };
  await openSettings();
  await page.reload();
  await page.getByRole('link', { name: 'Back' }).click();
  await expect(page).toHaveURL(chat);
  await expect(thread(page).getByText('Well said.')).toBeVisible();

  await openSettings();
  // In a field, Esc does not leave what is typed.
  await page.getByLabel('Name').fill('Ann Marie');
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('Name')).toHaveValue('Ann Marie');
  await page.getByRole('heading', { name: 'Settings' }).click();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(chat);
});

test('a first message that could not be sent goes out while one is in the settings', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  const openSettings = async () => {
    await page.getByRole('button', { name: /^Main menu/ }).click();
    await page.getByRole('menuitem', { name: 'Settings' }).click();
    await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  };
  await page.goto('/chat');
  // So that the page is there without a network.
  await openSettings();
  await page.getByRole('link', { name: 'Back' }).click();
  await page.context().setOffline(true);
  await send(page, 'Into the void?');
  await expect(page.getByText('Not sent.')).toBeVisible();
  await openSettings();
  await page.context().setOffline(false);
  const titles = async () => {
    const { chats } = await ask<{ chats: { nodes: { title: string }[] } }>(
      page,
      confab.url,
      '{ chats { nodes { title } } }',
    );
    return chats.nodes.map(({ title }) => title);
  };
  await expect.poll(titles).toEqual(['Into the void?']);
  await expect(page).toHaveURL(/settings/);
});
