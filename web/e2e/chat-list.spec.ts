import { ask, expect, test } from './confab.ts';

test('the list of chats loads by scrolling, one page at a time', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  test.slow();
  for (let number = 1; number <= 95; number += 1) {
    await ask(page, confab.url, `mutation { createChat(input: { title: "Chat ${number}" }) { __typename } }`);
  }
  const asked: (string | null)[] = [];
  page.on('request', (request) => {
    const body = request.postData() ?? '';
    if (!body.includes('query Chats(')) return;
    const { variables } = JSON.parse(body) as { variables: { first: number; after?: string | null } };
    asked.push(variables.after ?? null);
    expect(variables.first).toBe(40);
  });
  await page.goto('/chat/new');
  const list = page.getByRole('navigation', { name: 'Chats' });
  const row = (number: number) => list.getByRole('link', { name: `Chat ${number}`, exact: false });
  await expect(row(95)).toBeVisible();
  await expect(page.getByText('connected', { exact: true })).toBeVisible();
  await expect(list.getByRole('listitem')).toHaveCount(40);
  const fromStart = () => asked.filter((after) => after === null).length;
  const before = fromStart();
  await expect(list.getByRole('button', { name: 'Show more' })).toHaveCount(0);

  await list.hover();
  await expect(async () => {
    await page.mouse.wheel(0, 2_000);
    await expect(list.getByRole('listitem')).toHaveCount(95, { timeout: 1_000 });
  }).toPass();
  await expect(row(11)).toBeAttached();
  const pages = asked.filter((after) => after !== null);
  expect([fromStart(), pages.length, new Set(pages).size]).toEqual([before, 2, 2]);
});

test('a page of the list that could not be loaded is asked for again by its button', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  test.slow();
  for (let number = 1; number <= 45; number += 1) {
    await ask(page, confab.url, `mutation { createChat(input: { title: "Chat ${number}" }) { __typename } }`);
  }
  await page.goto('/chat/new');
  const list = page.getByRole('navigation', { name: 'Chats' });
  await expect(list.getByRole('listitem')).toHaveCount(40);
  let refused = 0;
  await page.route('**/graphql', (route) => {
    if (!/"after":"/.test(route.request().postData() ?? '')) return route.continue();
    refused += 1;
    return route.abort();
  });
  await list.hover();
  await page.mouse.wheel(0, 5_000);
  await expect(list.getByRole('button', { name: 'Retry' })).toBeVisible();
  expect(refused).toBe(1);
  await page.unrouteAll();
  await list.getByRole('button', { name: 'Retry' }).click();
  await expect(list.getByRole('listitem')).toHaveCount(45);
});
