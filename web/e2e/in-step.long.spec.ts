import type { BrowserContext, Page } from '@playwright/test';

import { ask, expect, post, send, test, thread } from './confab.ts';

test.beforeEach(({ ann }) => expect(ann.name).toBe('Ann Lee'));

const row = (page: Page, title: string | RegExp) =>
  page.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: title });

test('two pages are in step in all that happens to a chat', async ({ page, confab, context }) => {
  const waits: number[] = [];
  async function soon(shown: Promise<void>): Promise<void> {
    const begun = performance.now();
    await shown;
    waits.push(performance.now() - begun);
  }
  const held = confab.model.hold();
  const other = await context.newPage();
  await page.goto('/chat');
  await other.goto('/chat');
  await expect(other.getByText('No chats yet')).toBeVisible();
  await send(page, 'In step');
  await held.arrived;
  await expect(row(page, /In step/)).toBeVisible();
  await soon(expect(row(other, /In step/)).toBeVisible());
  await row(other, /In step/).click();
  await expect(thread(other)).toContainText('In step');

  held.begin().write('One, ');
  await expect(thread(page)).toContainText('One,');
  await soon(expect(thread(other)).toContainText('One,'));
  held.write('two.').end();
  await expect(thread(page)).toHaveAttribute('aria-busy', 'false');
  await soon(expect(thread(other)).toHaveAttribute('aria-busy', 'false'));
  await soon(expect(thread(other).getByText('One, two.', { exact: true })).toBeVisible());

  const id = page.url().split('/').at(-1) ?? '';
  const does = (words: string) => ask(page, confab.url, `mutation { ${words} { __typename } }`);
  await does(`updateChat(input: { id: "${id}", title: "Another name" })`);
  for (const each of [page, other]) await soon(expect(row(each, /Another name/)).toBeVisible());
  await does(`pinChat(input: { id: "${id}" })`);
  for (const each of [page, other]) await soon(expect(row(each, /Another name/).getByLabel('Pinned')).toBeVisible());
  await does(`archiveChat(input: { id: "${id}" })`);
  for (const each of [page, other]) {
    await soon(expect(each.getByText('This chat is archived.')).toBeVisible());
    await expect(row(each, /Another name/)).toHaveCount(0);
  }
  await does(`unarchiveChat(input: { id: "${id}" })`);
  for (const each of [page, other]) await soon(expect(row(each, /Another name/)).toBeVisible());
  await does(`deleteChat(input: { id: "${id}" })`);
  for (const each of [page, other]) await soon(expect(each.getByText('This chat is deleted.')).toBeVisible());
  // The middle one, since a machine that others use stalls now and then; and each before a Tick could have brought it.
  expect(waits.toSorted((a, b) => a - b)[Math.floor(waits.length / 2)]).toBeLessThan(1_000);
  expect(Math.max(...waits)).toBeLessThan(10_000);
  await other.close();
});

test('a list that was asked for before a change and answered after it puts nothing back', async ({ page, confab }) => {
  await ask(page, confab.url, 'mutation { createChat(input: { title: "For later" }) { __typename } }');
  await page.goto('/chat');
  await row(page, /For later/).hover();
  await page.getByRole('button', { name: 'Chat actions: For later' }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await expect(row(page, /For later/)).toHaveCount(0);
  await page
    .getByRole('radio', { name: 'Archived' })
    .or(page.getByRole('tab', { name: 'Archived' }))
    .click();
  await expect(row(page, /For later/)).toBeVisible();

  // The server has said that nothing is active; its answer stands outside until the chat is back.
  const answered = Promise.withResolvers<void>();
  const letIn = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    const body = route.request().postData() ?? '';
    if (!body.includes('query Chats') || !body.includes('"ACTIVE"')) return route.continue();
    const response = await route.fetch();
    answered.resolve();
    await letIn.promise;
    return route.fulfill({ response });
  });
  await page
    .getByRole('radio', { name: 'Active' })
    .or(page.getByRole('tab', { name: 'Active' }))
    .click();
  await answered.promise;
  const [{ id }] = (
    await ask<{ chats: { nodes: [{ id: string }] } }>(page, confab.url, '{ chats(filter: ARCHIVED) { nodes { id } } }')
  ).chats.nodes;
  await ask(page, confab.url, `mutation { unarchiveChat(input: { id: "${id}" }) { __typename } }`);
  await expect(row(page, /For later/)).toBeVisible();
  const late = page.waitForResponse((response) => (response.request().postData() ?? '').includes('query Chats'));
  letIn.resolve();
  await late;
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await expect(row(page, /For later/)).toBeVisible();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('what happened while a page was offline is there when it is online again', async ({
  page,
  confab,
  context,
  browser,
}) => {
  await page.goto('/chat');
  await send(page, 'Before.');
  await expect(thread(page)).toContainText('Well said.');
  const id = page.url().split('/').at(-1) ?? '';
  const device = await browser.newContext({ storageState: await context.storageState(), baseURL: confab.url });
  const phone = await device.newPage();
  await phone.goto(`/chat/${id}`);
  await expect(thread(phone)).toContainText('Before.');

  await context.setOffline(true);
  await expect(page.getByText(/You are offline/)).toBeVisible();
  await send(phone, 'Meanwhile.');
  await expect(thread(phone).getByText('Well said.')).toHaveCount(2);
  await ask(phone, confab.url, `mutation { updateChat(input: { id: "${id}", title: "Elsewhere" }) { __typename } }`);
  await context.setOffline(false);
  await expect(thread(page)).toContainText('Meanwhile.');
  await expect(thread(page).getByText('Well said.')).toHaveCount(2);
  await expect(row(page, /Elsewhere/)).toBeVisible();
  await device.close();
});

test('two tabs on one chat keep a draft each, and a closed one leaves its draft to the next', async ({
  page,
  confab,
  ann,
  context,
}) => {
  const box = (tab: Page) => tab.getByRole('textbox', { name: 'Message', exact: true });
  await page.goto('/chat');
  await send(page, 'Hello.');
  await expect(thread(page)).toContainText('Well said.');
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(thread(other)).toContainText('Well said.');
  await box(page).fill('Of the one.');
  await send(other, 'Of the other.');
  await expect(thread(page).getByText('Well said.')).toHaveCount(2);
  await box(other).fill('A draft of the other.');
  await page.reload();
  await expect(box(page)).toHaveValue('Of the one.');

  // When the session ends, one tab signs in for both.
  await post(page.request, confab.url, '/api/auth/sign-out', {});
  for (const tab of [page, other]) await expect(tab.getByRole('dialog', { name: /session has ended/ })).toBeVisible();
  await other.getByLabel('Password').fill(ann.password);
  await other.getByRole('button', { name: 'Sign in' }).click();
  for (const tab of [page, other]) await expect(tab.getByRole('dialog')).toHaveCount(0);
  await expect(box(page)).toHaveValue('Of the one.');
  await expect(box(other)).toHaveValue('A draft of the other.');

  const address = page.url();
  await page.goto('about:blank');
  await other.close();
  await page.goto(address);
  await expect(box(page)).toHaveValue(/^(?=[^]*Of the one\.)(?=[^]*A draft of the other\.)/);
});

test('eight tabs all work, over plain http', { tag: '@long' }, async ({ page, confab, context }) => {
  test.slow();
  const held = confab.model.hold();
  await page.goto('/chat');
  await send(page, 'To all tabs');
  await held.arrived;
  await page.waitForURL(/Chat_/);
  const tabs = [page];
  while (tabs.length < 8) {
    const tab = await context.newPage();
    await tab.goto(page.url());
    await expect(thread(tab)).toContainText('To all tabs');
    tabs.push(tab);
  }
  const feeds = followFeeds(context);
  held.begin().write('Heard ');
  for (const tab of tabs) await expect(thread(tab)).toContainText('Heard');
  held.write('by all.').end();
  for (const tab of tabs) await expect(thread(tab).getByText('Heard by all.', { exact: true })).toBeVisible();
  // Three feeds are held, and of the other five tabs no more than two visit at once (visits.test.ts). Seen from here, the end of a
  // visit may come after the start of the next, and a tab may take over a feed that is held: now and then there are more.
  const counts = feeds.openAtStart();
  expect(counts.length).toBeGreaterThan(0);
  expect(counts.filter((count) => count > 3).length).toBeLessThan(counts.length / 4);
  // Each can still ask for something: no tab holds a connection that another one needs.
  for (const [asked, tab] of [tabs[7] ?? page, page].entries()) {
    // What is asked follows what is seen: so first that has to be the same everywhere.
    await expect(thread(tab).getByText('And you?', { exact: true })).toHaveCount(asked);
    await send(tab, 'And you?');
    await expect(thread(tab).getByText('Well said.', { exact: true })).toHaveCount(asked + 1);
    await expect(thread(tab)).toHaveAttribute('aria-busy', 'false');
  }
  // Five of them poll in turn, and eight tabs are much for a machine that does something else beside.
  for (const tab of tabs) {
    await expect(thread(tab).getByText('And you?', { exact: true })).toHaveCount(2, { timeout: 30_000 });
  }
  for (const tab of tabs.slice(1)) await tab.close();
});

/** For each feed that is asked for from now on, how many of them were open with it. */
function followFeeds(context: BrowserContext) {
  const open = new Set<object>();
  const counts: number[] = [];
  context.on('request', (request) => {
    if (!(request.postData() ?? '').includes('subscription Feed')) return;
    open.add(request);
    counts.push(open.size);
  });
  for (const end of ['requestfinished', 'requestfailed'] as const) {
    // oxlint-disable-next-line typescript/no-misused-spread -- both events give the request
    context.on(end as 'requestfinished', (request) => open.delete(request));
  }
  return { openAtStart: () => [...counts] };
}
