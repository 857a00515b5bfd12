/** The guides and the reference, as the built app serves them. */
import { expect, test } from './confab.ts';
import { expectSound } from './sound.ts';

test('every page under /docs answers, and every link of it leads to something', async ({ confab }) => {
  const seen = new Map<string, string>();
  const queue = ['/docs'];
  const missing: string[] = [];
  while (queue.length > 0) {
    const address = queue.pop() ?? '';
    if (seen.has(address)) continue;
    const response = await fetch(confab.url + address, { headers: { accept: 'text/html' } });
    const text = await response.text();
    seen.set(address, text);
    if (!response.ok) missing.push(address);
    if (!address.startsWith('/docs') || !response.headers.get('content-type')?.startsWith('text/html')) continue;
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self';");
    for (const [, url = ''] of text.matchAll(/ (?:href|src)="([^"]+)"/g))
      if (url.startsWith('/')) queue.push(url.replace(/#.*/, ''));
  }
  expect(missing).toEqual([]);
  expect([...seen.keys()]).toEqual(
    expect.arrayContaining(['/', '/graphql', '/docs/tokens', '/docs/reference/mutations', '/docs/schema.graphql']),
  );
  // Fonts are those of the app.
  const fonts = [...(seen.get('/docs/docs.css') ?? '').matchAll(/url\('([^']+)'\)/g)].map(([, url]) => url);
  expect(fonts).toHaveLength(2);
  for (const url of fonts) expect((await fetch(`${confab.url}${url}`)).headers.get('content-type')).toBe('font/woff2');
  expect((await fetch(`${confab.url}/docs/nothing`)).status).toBe(404);
  expect((await fetch(`${confab.url}/docs`, { method: 'POST' })).status).toBe(404);
});

test('the documentation can be read in light and dark, on a desk and on a phone, without another host', async ({
  page,
  confab,
}) => {
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const path of colorScheme === 'light'
      ? ['/docs/tokens', '/docs/reference/subscriptions']
      : ['/docs/reference/subscriptions']) {
      await page.goto(confab.url + path);
      await expectSound(page, { where: `${path} ${colorScheme}`, findings: 'all' });
    }
  }
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const path of [
      '/docs',
      '/docs/streaming',
      '/docs/changelog',
      '/docs/reference',
      '/docs/reference/mutations',
    ]) {
      await page.goto(confab.url + path);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(width);
    }
  }
  await page.evaluate(() => document.fonts.ready);
  expect([...hosts]).toEqual([new URL(confab.url).origin]);
});

test('the reference is searched by what types have', async ({ page, confab }) => {
  await page.goto(`${confab.url}/docs/reference`);
  await page.getByRole('searchbox', { name: 'Find a field, type or value' }).fill('editedContent');
  await expect(page.getByRole('status')).toHaveText(/^\d found$/);
  await expect(page.getByRole('link', { name: 'createChat', exact: true })).toBeHidden();
  await page.locator('main').getByRole('link', { name: 'Message', exact: true }).click();
  await expect(page).toHaveURL(/\/docs\/reference\/objects#Message$/);
  await expect(page.getByRole('heading', { name: 'Message', exact: true })).toBeInViewport();
});

test('a program is copied whole', async ({ page, context, confab }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${confab.url}/docs/first-request`);
  await page.getByRole('button', { name: 'Copy' }).nth(2).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^import json, os, urllib\.request\n\n[^]*print\(response\.read\(\)\.decode\(\)\)$/);
});

test('on a phone the menu opens, and leads to another guide', async ({ page, confab }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${confab.url}/docs/tokens`);
  const menu = page.getByRole('navigation', { name: 'Pages' });
  await expect(menu).toBeHidden();
  await page.locator('summary').click();
  await menu.getByRole('link', { name: 'Paging' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Paging' })).toBeVisible();
});

test('the page of tokens and GraphiQL lead to the documentation', async ({ page, context, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  for (const [path, name] of [
    ['/settings/tokens', 'Guides and reference of the API'],
    ['/graphql', 'Docs'],
  ] as const) {
    await page.goto(confab.url + path);
    const opening = context.waitForEvent('page');
    await page.getByRole('link', { name, exact: true }).click();
    const opened = await opening;
    await expect(opened.getByRole('heading', { level: 1, name: 'The API' })).toBeVisible();
    await opened.close();
  }
});
