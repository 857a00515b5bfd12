import { expect, send, test, thread } from './confab.ts';
import { says } from '../../api/testing/model-server.ts';

test('a newcomer signs up, asks, and has an answer that is there tomorrow', async ({ page, confab }) => {
  confab.model.next(says('Hello, ', 'Grace. ', 'What shall we talk about?'));
  await page.goto('/');
  await page.getByRole('link', { name: 'Sign up' }).click();
  await page.getByLabel('Name').fill('Grace Hopper');
  await page.getByLabel('Email').fill(`grace-${crypto.randomUUID()}@example.org`);
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign up' }).click();

  await expect(page.getByRole('heading', { name: 'What is on your mind, Grace?' })).toBeVisible();
  await send(page, 'hello');
  await expect(page).toHaveURL(/\/chat\/Chat_/);
  await expect(thread(page)).toContainText('Hello, Grace. What shall we talk about?');

  await page.reload();
  await expect(thread(page)).toContainText('hello');
  await expect(thread(page)).toContainText('Hello, Grace. What shall we talk about?');
  await expect(page.getByRole('link', { name: /hello/ })).toBeVisible();
});

test('signing out and in again', async ({ page, ann }) => {
  await page.goto('/chat');
  await page.getByRole('button', { name: /Main menu/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/sign-in/);

  await page.goto('/settings');
  await expect(page).toHaveURL(/sign-in/);
  await page.getByLabel('Email').fill(ann.email);
  await page.getByLabel('Password').fill(ann.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/settings/);
  await expect(page.getByLabel('Name')).toHaveValue('Ann Lee');
});

test('a wrong password is said, and after five tries how long to wait', async ({ page, ann }) => {
  await page.context().clearCookies();
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(ann.email);
  const password = page.getByLabel('Password');
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await password.fill(`wrong ${attempt}`);
    const answered = page.waitForResponse('**/sign-in/email');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await answered;
    await expect(page.getByRole('alert')).toContainText('The email or the password is wrong.');
  }
  await password.fill(ann.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText(/Too many attempts. Try again in \d+ seconds?\./);
});

test('what is not there says so, and so does an administrator’s page to others', async ({ page, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  for (const path of ['/nonsense', '/admin/context', '/admin/agents']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
  }
});

test('the page and its assets come compressed, as the browser takes them', async ({ confab }) => {
  const page = await (await fetch(confab.url)).text();
  const assets = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(([, path = '']) => path);
  let compressed = 0;
  for (const path of ['/', '/chat', ...assets]) {
    const get = (accepted: string) => fetch(confab.url + path, { headers: { 'accept-encoding': accepted } });
    const [brotli, gzip, raw] = [await get('gzip, deflate, br'), await get('gzip'), await get('identity')];
    const size = (response: Response) => Number(response.headers.get('content-length'));
    // Less is not worth it (`threshold` in vite.config.ts).
    if (size(raw) < 512) continue;
    compressed += 1;
    expect(brotli.headers.get('content-encoding'), path).toBe('br');
    expect(gzip.headers.get('content-encoding'), path).toBe('gzip');
    expect(raw.headers.get('content-encoding'), path).toBeNull();
    for (const { headers } of [brotli, gzip, raw]) {
      expect(headers.get('vary'), path).toBe('Accept-Encoding');
      expect(headers.get('content-type'), path).toBe(raw.headers.get('content-type'));
      expect(headers.get('cache-control'), path).toBe(raw.headers.get('cache-control'));
    }
    expect(size(brotli), path).toBeLessThan(size(raw));
    const text = await raw.text();
    expect(await brotli.text(), path).toBe(text);
    expect(await gzip.text(), path).toBe(text);
  }
  // The page at two addresses, its script and its styles.
  expect(compressed).toBeGreaterThanOrEqual(4);
});
