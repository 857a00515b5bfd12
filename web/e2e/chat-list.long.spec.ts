import { ask, expect, post, test } from './confab.ts';

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
    const { variables } = JSON.parse(body) as { variables: { first: number; after?: string | null; kind: string } };
    if (variables.kind !== 'PRIVATE') return;
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

test('an old room with unread messages stands above the others, and stays in the list when it is read', async ({
  page,
  browser,
  confab,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  test.slow();
  const bob = await browser.newPage();
  const account = { name: 'Bob Brown', email: `${crypto.randomUUID()}@example.org`, password: 'correct horse battery' };
  await post(bob.request, confab.url, '/api/auth/sign-up/email', account);
  const create = `mutation ($title: String!) { createRoom(input: { title: $title, visibility: OPEN }) { ... on CreateRoomPayload { chat { id } } } }`;
  const join = `mutation ($id: ID!) { joinRoom(input: { id: $id }) { __typename } }`;
  const ids: string[] = [];
  for (let number = 1; number <= 18; number += 1) {
    const { createRoom } = await ask<{ createRoom: { chat: { id: string } } }>(page, confab.url, create, {
      title: `Team ${number}`,
    });
    ids.push(createRoom.chat.id);
  }
  const says = async (chatId: string) => {
    const input = { chatId, content: 'News.', clientId: crypto.randomUUID() };
    const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }';
    expect(await ask(bob, confab.url, send, { input })).toMatchObject({
      sendMessage: { __typename: 'SendMessagePayload' },
    });
  };
  const [first = '', second = ''] = ids;
  for (const id of [first, second]) await ask(bob, confab.url, join, { id });
  await says(first);
  // Something is said in all the others after it, so that it is the last of them.
  for (const id of ids.slice(1))
    await ask(page, confab.url, 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }', {
      input: { chatId: id, content: 'Later.', clientId: crypto.randomUUID() },
    });
  await ask(page, confab.url, 'mutation { createChat(input: { title: "Private" }) { __typename } }');

  await page.goto('/chat/new');
  const rooms = page.getByRole('region', { name: 'Rooms' });
  const row = (title: string) => rooms.getByRole('link', { name: new RegExp(`${title}(?!\\d)`) });
  await expect(rooms.getByRole('link').first()).toContainText('Team 1');
  await expect(rooms.getByRole('link').first()).toContainText('1');
  await expect(rooms.getByRole('link')).toHaveCount(11);
  await expect(page.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: /Private/ })).toBeAttached();

  // A chat that is not loaded comes by the feed.
  await expect(row('Team 2')).toHaveCount(0);
  await says(second);
  await expect(rooms.getByRole('link').first()).toContainText('Team 2');

  await row('Team 1').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Team 1' })).toBeVisible();
  await expect(row('Team 1').getByLabel('1 unread')).toHaveCount(0);
  await expect(row('Team 1')).toBeAttached();
  await expect(rooms.getByRole('link').first()).toContainText('Team 2');

  await rooms.getByRole('button', { name: 'More rooms' }).click();
  await expect(rooms.getByRole('link')).toHaveCount(18);
  await expect(rooms.getByRole('button', { name: 'More rooms' })).toHaveCount(0);
  await bob.close();
});
