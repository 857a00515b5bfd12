import type { Browser, Page } from '@playwright/test';

import { says } from '../../api/testing/model-server.ts';
import { ask, expect, send, test, thread } from './confab.ts';
import { expectSound } from './sound.ts';

test.beforeEach(({ ann }) => expect(ann.name).toBe('Ann Lee'));

/** Makes a room by the page, with Claude in it; the page then shows it, with its panel open. */
async function makeRoom(page: Page, title: string): Promise<void> {
  await page.goto('/chat');
  await page.getByRole('link', { name: 'Rooms' }).click();
  await page.getByLabel('Title').fill(title);
  await page.getByRole('button', { name: 'Create a room' }).click();
  await page.getByRole('button', { name: 'Members' }).click();
  await page.getByRole('button', { name: 'Add an agent' }).click();
  await page.getByRole('menuitem', { name: /Claude/ }).click();
  await expect(thread(page)).toContainText('Ann Lee added the agent Claude');
}

/** Another person in the room, by its link. */
async function comeBy(browser: Browser, page: Page, url: string, name: string): Promise<Page> {
  await page.getByRole('button', { name: 'Create a link' }).click();
  const link = await page.getByLabel('Invitation link').inputValue();
  const context = await browser.newContext({ baseURL: url });
  const other = await context.newPage();
  await other.goto(link);
  await other.getByRole('link', { name: 'Sign up' }).click();
  await other.getByLabel('Name').fill(name);
  await other.getByLabel('Email').fill(`${crypto.randomUUID()}@example.org`);
  await other.getByLabel('Password').fill('correct horse battery');
  await other.getByRole('button', { name: 'Sign up' }).click();
  await other.getByRole('button', { name: 'Join' }).click();
  await expect(other).toHaveURL(/\/chat\/Chat_/);
  return other;
}

test('two people and an agent: named by completion, its words grow for both, the queue is seen and cancelled', async ({
  page,
  browser,
  confab,
}) => {
  await makeRoom(page, 'Agents');
  const bob = await comeBy(browser, page, confab.url, 'Bob Brown');
  const held = confab.model.hold();

  const field = bob.getByRole('textbox', { name: 'Message', exact: true });
  await field.pressSequentially('Hello @cl');
  await expect(bob.getByRole('option', { name: /Claude.*@claude/ })).toBeVisible();
  await field.press('Enter');
  await expect(field).toHaveValue('Hello @claude ');
  await field.pressSequentially('how are you?');
  await field.press('Enter');
  await held.arrived;
  const strip = (where: Page) => where.getByRole('list', { name: 'Answers that are asked for' });
  await expect(strip(page)).toContainText('Claude is answering Bob Brown');
  await expect(strip(bob)).toContainText('Claude is answering you');
  // Its row says when, as those of people do.
  await expect(thread(bob).getByRole('article', { name: 'Claude' }).locator('time')).toBeVisible();

  held.begin().write('I am ');
  for (const where of [page, bob])
    await expect(thread(where).getByRole('article', { name: 'Claude' })).toContainText('I am');

  // People go on talking, and further questions wait.
  await send(page, 'Let us see.');
  await expect(thread(bob).getByText('Let us see.')).toBeVisible();
  await send(bob, '@claude, and then?');
  await send(page, '@claude, and now?');
  await expect(strip(page).getByRole('listitem')).toHaveText([
    'Claude will answer you',
    'Claude is answering Bob Brown',
    'Claude will answer Bob Brown',
  ]);
  await expect(strip(bob).getByRole('button', { name: 'Cancel' })).toHaveCount(1);
  await strip(page).getByRole('listitem').last().getByRole('button', { name: 'Cancel' }).click();
  await expect(strip(bob).getByRole('listitem')).toHaveCount(2);

  confab.model.next(says('Now is fine.'));
  held.write('well.').end();
  for (const where of [page, bob]) {
    await expect(thread(where).getByRole('article', { name: 'Claude' })).toHaveText([/I am well\./, /Now is fine\./]);
    await expect(strip(where)).toHaveCount(0);
  }
  // What stands above an answer is what its model could see.
  await expect(thread(page)).toHaveText(/I am well\.[\s\S]*Let us see\.[\s\S]*and now\?[\s\S]*Now is fine\./);

  await expect(page.getByRole('contentinfo')).toContainText('connected');
  await expect(page.getByRole('contentinfo')).not.toContainText(/first token|tokens\/s|context/);

  const panel = page.getByRole('complementary', { name: 'Members' });
  await panel.getByText('Agent sessions').click();
  await expect(
    panel.getByRole('button', { name: /Claude.*and now\?.*Now is fine\..*Ann Lee · completed · [\d.]+s/ }),
  ).toBeVisible();
  await page.reload();
  await expect(thread(page).getByRole('article', { name: 'Claude' })).toHaveText([/I am well\./, /Now is fine\./]);
  await expectSound(page, { findings: 'all' });
  await bob.context().close();
});

test('an agent that could not be asked says why, and is asked again', async ({ page, confab }) => {
  await makeRoom(page, 'Limits');
  const chatId = /Chat_[\w-]+/.exec(page.url())?.[0] ?? '';
  const held = confab.model.hold();
  await send(page, '@claude, one');
  await held.arrived;
  const say = `mutation Say($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }`;
  for (const content of ['@claude, two', '@claude, three', '@claude, four'])
    await ask(page, confab.url, say, { input: { chatId, content, clientId: crypto.randomUUID() } });
  await expect(thread(page)).toContainText('Claude was not asked.');
  held.begin().write('Yes.').end();
  await expect(thread(page).getByRole('article', { name: 'Claude' })).toHaveCount(3);
  await thread(page).getByRole('button', { name: 'Ask again' }).click();
  await expect(thread(page).getByRole('article', { name: 'Claude' })).toHaveCount(4);
  await expect(thread(page)).not.toContainText('was not asked');
  // Its answers stand below each other, and each one by itself.
  await expect(thread(page).getByRole('article', { name: 'Claude' })).toHaveText([
    /^ClaudeAgent\d\d:\d\d [AP]MYes\./,
    ...Array.from({ length: 3 }, () => /^ClaudeAgent\d\d:\d\d [AP]MWell said\.(?!Well)/),
  ]);
});

test('the agent that answers everything needs no mention, and a name is marked in what is written', async ({
  page,
}) => {
  await makeRoom(page, 'Always');
  const panel = page.getByRole('complementary', { name: 'Members' });
  await panel.getByRole('button', { name: 'Actions: Claude' }).click();
  await page.getByRole('menuitemradio', { name: 'answers every message' }).click();
  await expect(panel).toContainText('answers every message');
  await send(page, 'Anybody here?');
  await expect(thread(page).getByRole('article', { name: 'Claude' })).toHaveText(/Well said\./);
  // A moderator deletes what an agent wrote too.
  await thread(page).getByRole('article', { name: 'Claude' }).hover();
  await thread(page).getByRole('button', { name: 'More actions' }).last().click();
  await page.getByRole('menuitem', { name: 'Delete message' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(thread(page)).toContainText('deleted by Ann Lee');
  await send(page, 'Thanks, @claude!');
  await expect(thread(page).getByTitle('Claude')).toHaveText('@claude');
  await send(page, 'Not `@claude`, see https://example.org/docs. @claude <b>');
  const said = thread(page).getByRole('article', { name: 'You' }).last();
  await expect(said.getByRole('link')).toHaveAttribute('href', 'https://example.org/docs');
  await expect(said.getByRole('code')).toHaveText('@claude');
  await expect(said.getByTitle('Claude')).toHaveCount(1);
  await expect(said).toContainText('Not @claude, see https://example.org/docs. @claude <b>');
});
