import type { Browser, Page } from '@playwright/test';

import { ask, expect, post, send, test, type TestConfab, thread } from './confab.ts';
import { expectSound } from './sound.ts';
import { tooSmall, tooWide } from './measures.ts';

/** A program that asks with its token, as one would be that is run elsewhere. */
class Program {
  readonly #url: string;
  readonly #secret: string;

  constructor(url: string, secret: string) {
    this.#url = url;
    this.#secret = secret;
  }

  post(query: string, variables: object = {}): Promise<Response> {
    return fetch(`${this.#url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#secret}` },
      body: JSON.stringify({ query, variables }),
    });
  }

  async ask<Data>(query: string, variables: object = {}): Promise<Data> {
    const { data, errors } = (await (await this.post(query, variables)).json()) as { data?: Data; errors?: object[] };
    if (!data || errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** The last question to it, as soon as it is there. */
  async question(chatId: string, words: string): Promise<string> {
    let found: string | undefined;
    await expect(async () => {
      const query = 'query Newest($id: ID!) { chat(id: $id) { messages(last: 5) { nodes { id content } } } }';
      const { chat } = await this.ask<{ chat: { messages: { nodes: { id: string; content: string }[] } } }>(query, {
        id: chatId,
      });
      found = chat.messages.nodes.findLast(({ content }) => content.includes(words))?.id;
      expect(found).toBeDefined();
    }).toPass({ timeout: 30_000 });
    return found ?? '';
  }

  async begin(chatId: string, replyToId: string): Promise<string> {
    const { beginAnswer } = await this.ask<{ beginAnswer: { run: { id: string } } }>(
      `mutation Begin($input: BeginAnswerInput!) {
        beginAnswer(input: $input) { ... on BeginAnswerPayload { run { id } } ... on Error { reason } }
      }`,
      { input: { chatId, replyToId, clientId: crypto.randomUUID() } },
    );
    return beginAnswer.run.id;
  }

  async append(runId: string, from: number, text: string, kind: 'TEXT' | 'THINKING' = 'TEXT'): Promise<string> {
    const { appendToAnswer } = await this.ask<{ appendToAnswer: { length?: number; code?: string } }>(
      `mutation Append($input: AppendToAnswerInput!) {
        appendToAnswer(input: $input) { ... on AppendToAnswerPayload { length } ... on Error { code } }
      }`,
      { input: { runId, from, kind, text } },
    );
    return String(appendToAnswer.length ?? appendToAnswer.code);
  }

  async end(runId: string, more: object = {}): Promise<void> {
    await this.ask('mutation End($input: EndAnswerInput!) { endAnswer(input: $input) { __typename } }', {
      input: { runId, ...more },
    });
  }
}

interface MadeAgent {
  id: string;
  handle: string;
  program: Program;
}

/** Made by the administrator, without the page. */
async function serviceAgent(browser: Browser, confab: TestConfab, name: string): Promise<MadeAgent> {
  const office = await browser.newContext();
  const asks = async <Data>(query: string, variables: object) =>
    ((await post(office.request, confab.url, '/graphql', { query, variables })) as { data: Data }).data;
  await post(office.request, confab.url, '/api/auth/sign-in/email', confab.admin);
  const handle = `${name.toLowerCase().replaceAll(' ', '-')}-${crypto.randomUUID().slice(0, 6)}`;
  const { createServiceAgent } = await asks<{ createServiceAgent: { person: { id: string } } }>(
    `mutation Make($input: CreateServiceAgentInput!) {
      createServiceAgent(input: $input) { ... on CreateServiceAgentPayload { person { id } } ... on Error { reason } }
    }`,
    { input: { name, handle, clientId: crypto.randomUUID() } },
  );
  const { id } = createServiceAgent.person;
  const { createApiToken } = await asks<{ createApiToken: { secret: string } }>(
    `mutation Token($input: CreateApiTokenInput!) {
      createApiToken(input: $input) { ... on CreateApiTokenPayload { secret } ... on Error { reason } }
    }`,
    { input: { name: 'Its program', scopes: ['READ_CHATS', 'WRITE_CHATS'], serviceAgentId: id } },
  );
  await office.close();
  return { id, handle, program: new Program(confab.url, createApiToken.secret) };
}

async function tokenOf(page: Page, confab: TestConfab, serviceAgentId: string): Promise<string> {
  const { createApiToken } = await ask<{ createApiToken: { secret: string } }>(
    page,
    confab.url,
    `mutation Token($input: CreateApiTokenInput!) {
      createApiToken(input: $input) { ... on CreateApiTokenPayload { secret } ... on Error { reason } }
    }`,
    { input: { name: 'To answer', scopes: ['READ_CHATS', 'WRITE_CHATS'], serviceAgentId } },
  );
  return createApiToken.secret;
}

async function openRoom(page: Page, url: string, title: string, personIds: string[] = []): Promise<string> {
  const { createRoom } = await ask<{ createRoom: { chat: { id: string } } }>(
    page,
    url,
    `mutation Room($input: CreateRoomInput!) {
      createRoom(input: $input) { ... on CreateRoomPayload { chat { id } } ... on Error { reason } }
    }`,
    { input: { title, visibility: 'OPEN', personIds } },
  );
  return createRoom.chat.id;
}

test('an administrator makes a service agent and its token, disables it, and revokes the token', async ({
  page,
  confab,
  admin,
}) => {
  expect(admin.name).toBe('Ada Admin');
  await page.goto('/admin/context');
  await page.getByRole('link', { name: 'Service agents' }).click();
  await expect(page.getByText('There are no service agents yet')).toBeVisible();
  await expect(page.getByRole('link', { name: 'How to write one' })).toHaveAttribute('href', '/docs/service-agents');
  expect((await fetch(`${confab.url}/docs/service-agents`)).status).toBe(200);
  await expectSound(page);

  await page.getByRole('button', { name: 'New service agent' }).click();
  const dialog = page.getByRole('dialog', { name: 'New service agent' });
  await dialog.getByLabel('Name').fill('Weather');
  await dialog.getByLabel('Handle').fill('claude');
  await dialog.getByRole('button', { name: 'Create service agent' }).click();
  await expect(dialog.getByText('Somebody else has this handle.')).toBeVisible();
  await dialog.getByLabel('Handle').fill('The Weather');
  await dialog.getByRole('button', { name: 'Create service agent' }).click();
  await expect(dialog.getByText('a letter or a digit first')).toBeVisible();
  await dialog.getByLabel('Handle').fill('weather');
  await dialog.getByRole('button', { name: 'Create service agent' }).click();
  await expect(page.getByText('Weather was created.')).toBeVisible();

  const row = page.getByRole('list', { name: 'Service agents' }).getByRole('listitem').first();
  await expect(row).toContainText('@weather');
  await expect(row).toContainText('It has no tokens');
  await row.getByRole('button', { name: 'New token' }).click();
  const making = page.getByRole('dialog', { name: 'New token for Weather' });
  await making.getByRole('radio', { name: 'Only these' }).check({ force: true });
  await expect(making).toContainText('There is no room that both you and Weather are in.');
  await making.getByRole('radio', { name: 'All that it is in' }).check({ force: true });
  await expect(making.getByRole('checkbox', { checked: true })).toHaveCount(2);
  for (const name of [/^Read chats/, /^Write in chats/])
    await expect(making.getByRole('checkbox', { name })).toBeChecked();
  await expect(making.getByRole('checkbox', { name: /Administer/ })).toHaveCount(0);
  await making.getByLabel('Name').fill('On the server');
  await making.getByRole('button', { name: 'Make token' }).click();
  const secret = await row.getByRole('textbox', { name: 'Token' }).inputValue();
  expect(secret).toMatch(/^confab_[0-9A-Za-z]{40}$/);
  await expect(row).toContainText('1 token · never used');

  const program = new Program(confab.url, secret);
  const self = '{ viewer { person { handle } } }';
  expect(await program.ask(self)).toEqual({ viewer: { person: { handle: 'weather' } } });
  await page.reload();
  await expect(row).toContainText(/1 token · last used .* from 127\.0\.0\.1/);
  await row.getByRole('button', { name: 'Disable' }).click();
  await expect(row).toContainText('disabled');
  expect((await program.post(self)).status).toBe(401);
  await row.getByRole('button', { name: 'Enable' }).click();
  await expect(row).not.toContainText('disabled');
  // A refusal is known for two seconds.
  await expect(async () => expect((await program.post(self)).status).toBe(200)).toPass({ timeout: 30_000 });

  await row.getByRole('button', { name: 'Tokens of Weather' }).click();
  await expectSound(page);
  await row.getByRole('button', { name: 'Revoke On the server' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(row).toContainText('no tokens');
  expect((await program.post(self)).status).toBe(401);

  // Bound to rooms: the administrator chooses among those that they are in too.
  const query = '{ serviceAgents { id handle } }';
  const { serviceAgents } = await ask<{ serviceAgents: { id: string; handle: string }[] }>(page, confab.url, query);
  const { id = '' } = serviceAgents.find(({ handle }) => handle === 'weather') ?? {};
  const roomId = await openRoom(page, confab.url, 'The forecast', [id]);
  await openRoom(page, confab.url, 'Without the weather');
  await row.getByRole('button', { name: 'New token' }).click();
  await making.getByLabel('Name').fill('For one room');
  await making.getByRole('radio', { name: 'Only these' }).check({ force: true });
  await expect(making.getByRole('checkbox', { name: 'The forecast' })).toBeVisible();
  await expect(making.getByRole('checkbox', { name: 'Without the weather' })).toHaveCount(0);
  await making.getByRole('button', { name: 'Make token' }).click();
  await expect(making).toContainText('Choose at least one room.');
  await making.getByRole('checkbox', { name: 'The forecast' }).check();
  await making.getByRole('button', { name: 'Make token' }).click();
  await expect(row).toContainText('Only “The forecast”');
  const bound = new Program(confab.url, await row.getByRole('textbox', { name: 'Token' }).inputValue());
  expect(await bound.ask('{ chats { nodes { title } } }')).toEqual({ chats: { nodes: [{ title: 'The forecast' }] } });

  await row.getByRole('button', { name: 'Edit Weather' }).click();
  const editing = page.getByRole('dialog', { name: 'Edit Weather' });
  await editing.getByLabel('Name').fill('Climate');
  await editing.getByLabel('Handle').fill('claude');
  await editing.getByRole('button', { name: 'Save agent' }).click();
  await expect(editing).toContainText('Somebody else has this handle.');
  await editing.getByLabel('Handle').fill('climate');
  await editing.getByRole('button', { name: 'Save agent' }).click();
  await expect(page.getByText('Climate was saved.')).toBeVisible();
  await expect(row).toContainText('@climate');

  // What it said is kept or erased with it; what it answered stays, and so does it.
  await post(page.request, confab.url, '/graphql', {
    query: 'mutation Say($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }',
    variables: { input: { chatId: roomId, content: '@climate will it rain?', clientId: crypto.randomUUID() } },
  });
  await row.getByRole('button', { name: 'Delete Climate' }).click();
  const deleting = page.getByRole('dialog', { name: 'Delete Climate' });
  await expect(deleting).toContainText('Its messages stay, without an author.');
  await deleting.getByRole('radio', { name: 'Erase' }).check({ force: true });
  await expect(deleting).toContainText('The words of its messages are erased for good');
  await expectSound(page);
  await deleting.getByRole('button', { name: 'Cancel' }).click();
  await expect(row).toContainText('@climate');
  const writer = new Program(confab.url, await tokenOf(page, confab, id));
  await writer.end(await writer.begin(roomId, await writer.question(roomId, 'will it rain?')));
  await row.getByRole('button', { name: 'Delete Climate' }).click();
  await deleting.getByRole('button', { name: 'Delete' }).click();
  await expect(deleting).toContainText('it cannot be deleted');
  await deleting.getByRole('button', { name: 'Disable' }).click();
  await expect(row).toContainText('disabled');
  const handle = `unused-${crypto.randomUUID().slice(0, 6)}`;
  await page.getByRole('button', { name: 'New service agent' }).click();
  await dialog.getByLabel('Name').fill('Unused');
  await dialog.getByLabel('Handle').fill(handle);
  await dialog.getByRole('button', { name: 'Create service agent' }).click();
  await page.getByRole('button', { name: 'Delete Unused' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('Unused was deleted.')).toBeVisible();
  await expect(page.getByText(`@${handle}`)).toHaveCount(0);
  // The administrator's own tokens are others.
  await page.goto('/settings/tokens');
  await expect(page.getByText('You have no tokens.')).toBeVisible();
});

test('a member adds it to a room and mentions it, all see its answer grow, and it is stopped', async ({
  page,
  browser,
  confab,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  const { handle, program } = await serviceAgent(browser, confab, 'Robot');
  const chatId = await openRoom(page, confab.url, 'With a robot');
  const context = await browser.newContext({ baseURL: confab.url });
  const bob = await context.newPage();
  const account = { name: 'Bob', email: `${crypto.randomUUID()}@example.org`, password: 'correct horse battery' };
  await post(bob.request, confab.url, '/api/auth/sign-up/email', account);
  await ask(bob, confab.url, 'mutation ($id: ID!) { joinRoom(input: { id: $id }) { __typename } }', { id: chatId });
  await page.goto(`/chat/${chatId}`);
  await bob.goto(`/chat/${chatId}`);

  await page.getByRole('button', { name: 'Members' }).click();
  const members = page.getByRole('complementary', { name: 'Members' });
  await members.getByRole('searchbox', { name: 'Add people' }).fill(handle);
  const found = members.getByRole('button', { name: new RegExp(handle) });
  await expect(found).toContainText('Agent');
  await found.click();
  await expect(members.getByRole('listitem').filter({ hasText: `@${handle}` })).toContainText('Agent');
  await expect(thread(bob)).toContainText('Ann Lee added Robot');

  const field = page.getByRole('textbox', { name: 'Message', exact: true });
  await field.pressSequentially(`Hello @${handle.slice(0, 8)}`);
  await expect(page.getByRole('option', { name: new RegExp(`Robot.*Agent.*@${handle}`) })).toBeVisible();
  await field.press('Enter');
  await field.pressSequentially('will it rain?');
  await field.press('Enter');
  const run = await program.begin(chatId, await program.question(chatId, 'will it rain?'));
  const strip = (where: Page) => where.getByRole('list', { name: 'Answers that are asked for' });
  const answers = (where: Page) => thread(where).getByRole('article', { name: 'Robot' });
  await expect(strip(page)).toContainText('Robot is answering you');
  await expect(strip(bob)).toContainText('Robot is answering Ann Lee');
  await expect(strip(bob).getByRole('button')).toHaveCount(0);
  await program.append(run, 0, 'They ask of rain. ', 'THINKING');
  await program.append(run, 18, 'It will ');
  for (const where of [page, bob]) {
    await expect(answers(where)).toContainText('It will');
    await expect(answers(where)).toHaveAttribute('aria-busy', 'true');
  }
  await program.append(run, 26, '**rain**.');
  for (const where of [page, bob]) await expect(answers(where)).toContainText('It will rain.');
  const usage = { inputTokens: 12, outputTokens: 5 };
  await program.end(run, { model: 'weather-1', usage });
  for (const where of [page, bob]) {
    await expect(answers(where)).toHaveAttribute('aria-busy', 'false');
    await expect(answers(where)).toContainText('Agent');
    await expect(strip(where)).toHaveCount(0);
  }
  // There is no button to ask it once more.
  await expect(answers(page).getByRole('button', { name: 'Copy answer' })).toHaveCount(1);
  await expect(answers(page).getByRole('button', { name: 'Answer again' })).toHaveCount(0);

  await answers(page).getByRole('button', { name: 'What the AI saw' }).click();
  const inspector = page.getByRole('complementary', { name: 'What the AI saw' });
  await expect(inspector).toContainText(/Agent\s*Robot/);
  await expect(inspector).toContainText(/Model\s*weather-1/);
  await expect(inspector).toContainText('reads the room by itself');
  await expect(inspector).not.toContainText(/Context used|Messages sent/);
  await expect(members).toHaveCount(0);
  await page.getByRole('button', { name: 'Members' }).click();
  await expect(inspector).toHaveCount(0);
  await members.getByText('Agent sessions').click();
  await expect(members.getByRole('button', { name: /Robot.*will it rain\?.*Ann Lee · completed/ })).toBeVisible();

  await program.ask('mutation Say($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }', {
    input: { chatId, content: 'I am here all day.', clientId: crypto.randomUUID() },
  });
  const said = thread(bob).getByRole('article', { name: 'Robot' }).filter({ hasText: 'I am here all day.' });
  await expect(said).toContainText('Agent');

  await send(page, `@${handle} and tomorrow?`);
  const second = await program.begin(chatId, await program.question(chatId, 'and tomorrow?'));
  await program.append(second, 0, 'Let me see');
  await expect(answers(page).last()).toContainText('Let me see');
  await strip(page).getByRole('button', { name: 'Stop' }).click();
  for (const where of [page, bob]) await expect(answers(where).last()).toContainText(/Let me see\s*Stopped/);
  expect(await program.append(second, 10, ' more')).toBe('ANSWER_ENDED');

  await send(page, `@${handle} and after that?`);
  const third = await program.begin(chatId, await program.question(chatId, 'and after that?'));
  await program.end(third, { status: 'FAILED' });
  await expect(answers(page).last()).toContainText('The agent could not go on.');
  await expect(answers(page).last()).toContainText('Mention this agent in a new message');
  await expect(answers(page).last().getByRole('button', { name: 'Retry' })).toHaveCount(0);
  // Two of its answers below each other stay two.
  const fourth = await program.begin(chatId, await program.question(chatId, 'and after that?'));
  await program.append(fourth, 0, 'Sun.');
  await program.end(fourth);
  await page.reload();
  await expect(answers(page).last()).toHaveText(/^RobotAgent\d\d:\d\d [AP]MSun\./);
  await answers(page).last().getByRole('button', { name: 'What the AI saw' }).click();
  await expect(inspector).toContainText(/Model\s*not told/);
  await expectSound(page);
  await context.close();
});

const looks = [
  { width: 1440, height: 900, locale: 'EN', theme: 'DARK', make: 'New service agent', tokens: /^Tokens of Weather/ },
  { width: 390, height: 844, locale: 'RU', theme: 'LIGHT', make: 'Новый агент', tokens: /^Токены: Weather/ },
];

for (const { width, height, locale, theme, make, tokens } of looks) {
  // One of them is enough for `npm test`.
  test.describe(`${width} wide, ${locale}`, { tag: width < 500 ? [] : '@long' }, () => {
    test.use({ viewport: { width, height }, ...(width < 500 && { hasTouch: true, isMobile: true }) });

    test('the pages of service agents, and a room with one', async ({ page, browser, confab, admin }, testInfo) => {
      expect(admin.name).toBe('Ada Admin');
      const preferences = `mutation { updatePreferences(input: { locale: ${locale}, theme: ${theme} }) { __typename } }`;
      await ask(page, confab.url, preferences);
      const { id, handle, program } = await serviceAgent(browser, confab, 'Weather forecast');
      const shoot = async (name: string) => {
        await expectSound(page);
        // The panel of a room has smaller ones.
        if (width < 500 && name !== 'members') {
          expect(await page.evaluate(tooSmall), name).toEqual([]);
          expect(await page.evaluate(tooWide), name).toEqual([]);
        }
        await testInfo.attach(name, {
          body: await page.screenshot({ path: testInfo.outputPath(`${name}.png`) }),
          contentType: 'image/png',
        });
      };
      await page.goto('/admin/service-agents');
      await page.getByRole('button', { name: tokens }).last().click();
      await page.getByRole('listitem').filter({ hasText: 'Its program' }).first().waitFor();
      await shoot('list');
      await page.getByRole('button', { name: make }).click();
      await page.getByRole('dialog').waitFor();
      await shoot('dialog');

      const chatId = await openRoom(page, confab.url, 'The weather', [id]);
      await page.goto(`/chat/${chatId}`);
      const content = `@${handle} will it rain in Lisbon?`;
      await ask(
        page,
        confab.url,
        'mutation S($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }',
        {
          input: { chatId, content, clientId: crypto.randomUUID() },
        },
      );
      const question = await program.question(chatId, 'Lisbon');
      const first = await program.begin(chatId, question);
      await program.append(first, 0, 'Nothing was said of when. ', 'THINKING');
      await program.append(first, 26, 'It stays **dry** until the evening:\n\n1. 18 °C at noon\n2. 14 °C at night\n');
      await program.end(first);
      await program.ask('mutation S($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }', {
        input: { chatId, content: 'A storm is coming on Friday.', clientId: crypto.randomUUID() },
      });
      await program.end(await program.begin(chatId, question), { status: 'FAILED' });
      const last = await program.begin(chatId, question);
      await program.append(last, 0, 'On Saturday the wind');
      await page.getByText('On Saturday the wind').waitFor();
      await page.getByRole('list', { name: /^(Answers that are asked for|Ожидаемые ответы)$/ }).waitFor();
      await shoot('room');
      await program.end(last);
      await page
        .locator('header')
        .getByRole('button', { name: /^(Members|Участники)$/ })
        .click();
      await page.getByRole('listitem').getByText(`@${handle}`).waitFor();
      await shoot('members');
      await ask(
        page,
        confab.url,
        'mutation { updatePreferences(input: { locale: EN, theme: SYSTEM }) { __typename } }',
      );
    });
  });
}
