import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { cutsAfter, says, stopsAt } from '../../api/testing/model-server.ts';
import { ask, expect, post, send, test, thread } from './confab.ts';

test('an answer appears word by word, with its thoughts apart', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  const held = confab.model.hold();
  await page.goto('/chat');
  await send(page, 'Think first.');
  held.begin().think('Let me see. ');
  await expect(page.getByRole('button', { name: /Thinking/ })).toBeVisible();
  held.write('The first ');
  await expect(thread(page)).toContainText('The first');
  await expect(thread(page)).toHaveAttribute('aria-busy', 'true');
  held.write('and the last word.').end();
  await expect(thread(page)).toContainText('The first and the last word.');
  await expect(thread(page)).toHaveAttribute('aria-busy', 'false');
  await page.getByRole('button', { name: /Thought/ }).click();
  await expect(thread(page)).toContainText('Let me see.');
});

test('what is copied of an answer with thoughts in between is its content', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const held = confab.model.hold();
  await page.goto('/chat');
  await send(page, 'Think twice.');
  held.begin().think('Once.').write('The first and ').think('Twice.').write('the last word.').end();
  await thread(page).getByRole('button', { name: 'Copy answer' }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const id = page.url().split('/').at(-1);
  const { chat } = await ask<{ chat: { messages: { nodes: [{ content: string }] } } }>(
    page,
    confab.url,
    `{ chat(id: "${id}") { messages(last: 1) { nodes { content } } } }`,
  );
  expect([copied]).toEqual(chat.messages.nodes.map(({ content }) => content));
});

test('ten reloads during an answer leave no gap in it, and nothing twice', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  const words = Array.from({ length: 100 }, (_, index) => `w${index} `);
  const held = confab.model.hold();
  await page.goto('/chat');
  await send(page, 'A hundred words, please.');
  await held.arrived;
  await page.waitForURL(/Chat_/);

  held.begin();
  // Ten words, then a reload without a look at them; the next ones come before there is a page, while it loads, and when it is there.
  const moments = ['commit', 'domcontentloaded', 'load'] as const;
  for (let reloads = 0; reloads < 10; reloads += 1) {
    for (const word of words.slice(reloads * 10, reloads * 10 + 10)) held.write(word);
    // Its address again, which throws all away as a reload does. Chromium refuses `reload()` itself, at times, just after a commit.
    await page.goto(page.url(), { waitUntil: moments[reloads % 3] ?? 'load' });
    if (reloads % 2 === 1) await expect(thread(page)).toContainText('w0');
  }
  held.end();
  await expect(thread(page)).toHaveAttribute('aria-busy', 'false');
  await expect(thread(page).getByText(words.join('').trim(), { exact: true })).toBeVisible();
  await page.reload();
  await expect(thread(page).getByText(words.join('').trim(), { exact: true })).toBeVisible();
});

test('a cut connection is taken up again, without a gap', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  const held = confab.model.hold();
  await page.goto('/chat');
  await send(page, 'Stay with me.');
  held.begin().write('Before ');
  await expect(thread(page)).toContainText('Before');
  await page.context().setOffline(true);
  await expect(page.getByText(/You are offline/)).toBeVisible();
  held.write('during ');
  await page.context().setOffline(false);
  held.write('after.').end();
  await expect(thread(page).getByText('Before during after.', { exact: true })).toBeVisible({ timeout: 20_000 });
});

test('stopping with the button keeps the words, and with Esc too', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat');
  const ways = [() => page.getByRole('button', { name: 'Stop' }).click(), () => page.keyboard.press('Escape')];
  for (const [round, stop] of ways.entries()) {
    const held = confab.model.hold();
    await send(page, 'Count to a million.');
    held.begin().write(`Round ${round}: one, two`);
    await expect(thread(page)).toContainText(`Round ${round}: one, two`);
    await stop();
    await held.gone;
    await expect(page.getByRole('button', { name: 'Send' })).toBeVisible();
    await expect(thread(page).getByText('Stopped', { exact: true })).toHaveCount(round + 1);
    await expect(thread(page).getByRole('button', { name: 'Continue' })).toHaveCount(1);
  }
  await page.reload();
  for (const round of ways.keys()) {
    await expect(thread(page).getByText(`Round ${round}: one, two`, { exact: true })).toBeVisible();
  }
});

test('Esc in the search field does not stop the answer, in the message field it does', async ({
  page,
  confab,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  const held = confab.model.hold();
  await page.goto('/chat');
  await send(page, 'Count to a million.');
  held.begin().write('One, two');
  await expect(thread(page)).toContainText('One, two');
  const search = page.getByRole('searchbox', { name: 'Search chats' });
  await search.fill('Count');
  await search.press('Escape');
  // What it would stop could not write any more.
  held.write(', three');
  await expect(thread(page)).toContainText('One, two, three');
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Message', exact: true }).press('Escape');
  await held.gone;
  await expect(thread(page).getByText('Stopped', { exact: true })).toBeVisible();
});

test('stopping before the first word leaves nothing to go on with', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  const held = confab.model.hold();
  await page.goto('/chat');
  await send(page, 'Never mind.');
  await held.arrived;
  await page.getByRole('button', { name: 'Stop' }).click();
  await held.gone;
  await expect(thread(page).getByText('Stopped', { exact: true })).toBeVisible();
  await expect(thread(page).getByRole('button', { name: 'Continue' })).toHaveCount(0);
});

test('a failed answer says why, and Retry brings another in its place', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  confab.model.next(cutsAfter('Half an ans'), says('A whole answer.'));
  await page.goto('/chat');
  await send(page, 'Try.');
  await expect(thread(page)).toContainText('The model’s connection was cut in the middle of the answer.');
  await expect(thread(page)).toContainText('Half an ans');
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(thread(page)).toContainText('A whole answer.');
  await expect(thread(page)).not.toContainText('Half an ans');
  await page.reload();
  await expect(thread(page)).toContainText('A whole answer.');
});

test('an answer that failed half-way has a clean end, and goes on from its raw one', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  confab.model.next(cutsAfter('It is a backup to think about. **'), says('Twice** a day.'));
  await page.goto('/chat');
  await send(page, 'What is it?');
  await expect(thread(page).getByRole('button', { name: 'Retry' })).toBeVisible();
  await expect(thread(page).locator('.prose')).toHaveText('It is a backup to think about.');
  await thread(page).getByRole('button', { name: 'Continue' }).click();
  await expect(thread(page).getByText('Twice', { exact: true })).toHaveCSS('font-weight', /[67]\d\d/);
  await expect(thread(page).locator('.prose')).toHaveText('It is a backup to think about. Twice a day.');
  await expect(thread(page).getByRole('button', { name: 'Retry' })).toHaveCount(0);
});

test('a failed answer that is followed by another question has no Retry', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  confab.model.next(cutsAfter('Half an ans'), says('To the next question.'));
  await page.goto('/chat');
  await send(page, 'Try.');
  await expect(page.getByRole('button', { name: 'Retry' })).toBeVisible();
  await send(page, 'Go on.');
  await expect(thread(page)).toContainText('To the next question.');
  await expect(thread(page)).toContainText('Half an ans');
  await expect(page.getByRole('button', { name: 'Retry' })).toHaveCount(0);
});

test('an answer that was cut at its limit, or refused, says so', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  confab.model.next(stopsAt('max_tokens', 'So long'), stopsAt('refusal'));
  await page.goto('/chat');
  await send(page, 'A novel, please.');
  await expect(thread(page)).toContainText('Cut at the length limit');
  await send(page, 'Something forbidden.');
  await expect(thread(page)).toContainText('The model declined to answer this.');
  // There is nothing to copy of it.
  await expect(thread(page).getByRole('button', { name: 'What the AI saw' })).toHaveCount(2);
  await expect(thread(page).getByRole('button', { name: 'Copy answer' })).toHaveCount(1);
});

test('one’s own message can be edited, copied and deleted', async ({ page, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/chat');
  await send(page, '\n A mesage with a mistake \n\n');
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue('');
  await expect(thread(page)).toContainText('Well said.');

  await thread(page).getByText('A mesage with a mistake').hover();
  await page.getByRole('button', { name: 'Edit message' }).click();
  await page.getByRole('textbox', { name: 'Edited message' }).fill('A message without one');
  await page.getByRole('button', { name: 'Save without a new answer' }).click();
  await expect(thread(page)).toContainText('A message without one');
  await expect(thread(page)).toContainText('edited');
  await expect(page.getByRole('button', { name: 'Edit message' })).toBeFocused();

  await page.getByRole('button', { name: 'Copy answer' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('Well said.');

  await thread(page).getByText('A message without one').hover();
  await page.getByRole('button', { name: 'Delete message' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(thread(page)).toContainText('This message was deleted.');
  await expect(thread(page)).toContainText('Well said.');
});

test('Shift+Enter breaks the line, a draft outlives a reload, and a message that is too long says so', async ({
  page,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat');
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await box.fill('One line');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('another');
  await expect(box).toHaveValue('One line\nanother');
  await page.reload();
  await expect(box).toHaveValue('One line\nanother');
  await box.fill('x'.repeat(100_005));
  await expect(page.getByText(/Too long by 5 characters/)).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/chat$/);
});

test('when the session ends while a person types, nothing is lost and they sign in over the page', async ({
  page,
  confab,
  ann,
}) => {
  await page.goto('/chat');
  await send(page, 'First.');
  await expect(thread(page)).toContainText('Well said.');
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await box.focus();
  await page.keyboard.type('Long thought ');
  await post(page.request, confab.url, '/api/auth/sign-out', {});
  await page.keyboard.type('about, ');
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await expect(dialog).toBeVisible();
  await page.keyboard.type('to its end.');
  await expect(box).toBeFocused();
  await expect(box).toHaveValue('Long thought about, to its end.');
  await expect(thread(page)).toContainText('Well said.');
  await expect(page).toHaveURL(/Chat_/);
  await page.keyboard.press('Enter');
  await expect(thread(page)).toContainText('It is sent by itself after you have signed in.');
  await page.keyboard.type('And more.');

  await expect(dialog.getByLabel('Email')).toHaveValue(ann.email);
  await dialog.getByLabel('Password').fill(ann.password);
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(box).toBeFocused();
  await expect(thread(page).getByText('Well said.')).toHaveCount(2);
  await expect(thread(page).getByText('Long thought about, to its end.', { exact: true })).toHaveCount(1);
  await expect(box).toHaveValue('And more.');

  await page.goto('/chat/new');
  await expect(page.getByRole('link', { name: /First/ })).toBeVisible();
  await page.context().clearCookies();
  await send(page, 'The first of another chat.');
  await dialog.getByLabel('Password').fill(ann.password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(thread(page)).toContainText('The first of another chat.');
  await expect(thread(page)).toContainText('Well said.');
});

test('another person who signs in over the page gets their own start, and nothing of the first one', async ({
  page,
  confab,
  ann,
}) => {
  const bob = { name: 'Bob Ray', email: `bob-${crypto.randomUUID()}@example.org`, password: ann.password };
  const signUp = await fetch(`${confab.url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: confab.url },
    body: JSON.stringify(bob),
  });
  expect(signUp.status).toBe(200);
  await page.goto('/chat');
  await send(page, 'For Ann alone.');
  await expect(thread(page)).toContainText('Well said.');
  await post(page.request, confab.url, '/api/auth/sign-out', {});
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await expect(dialog).toBeVisible();
  await send(page, 'Ann’s unsent message.');
  await expect(thread(page)).toContainText('Not sent.');
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Ann’s draft.');

  await dialog.getByLabel('Email').fill(bob.email);
  await dialog.getByLabel('Password').fill(bob.password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: 'Main menu: Bob Ray' })).toBeVisible();
  await expect(page).toHaveURL(/\/chat$/);
  await expect(page.getByText('No chats yet')).toBeVisible();
  await expect(page.getByText(/Ann/)).toHaveCount(0);
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue('');
  const { chats } = await ask<{ chats: { nodes: object[] } }>(page, confab.url, '{ chats { nodes { id } } }');
  expect(chats.nodes).toEqual([]);
});

test('messages that could not be sent go out by themselves, in their order, once each', async ({ page, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat');
  await send(page, 'First.');
  await expect(thread(page)).toContainText('Well said.');
  await page.context().setOffline(true);
  await send(page, 'Second.');
  await expect(thread(page)).toContainText('Not sent.');
  await send(page, 'Third.');
  await expect(thread(page).getByText('Not sent.')).toHaveCount(2);
  await expect(thread(page).getByRole('button', { name: 'Retry' })).toHaveCount(2);
  // That there is no connection is said once.
  await expect(page.getByText(/You are offline/)).toHaveCount(1);
  await expect(page.getByText(/cannot be reached/)).toHaveCount(0);

  await page.context().setOffline(false);
  await expect(thread(page).getByText('Well said.')).toHaveCount(3);
  const said = await thread(page).getByRole('article', { name: 'You' }).allInnerTexts();
  expect(said.map((text) => text.split('\n')[0])).toEqual(['First.', 'Second.', 'Third.']);
  await expect(thread(page)).not.toContainText('Not sent.');

  await page.goto('/chat/new');
  await expect(page.getByRole('link', { name: /First/ })).toBeVisible();
  await page.context().setOffline(true);
  await send(page, 'Of a new chat.');
  await expect(page.getByText('Not sent.')).toBeVisible();
  await page.context().setOffline(false);
  await expect(thread(page)).toContainText('Well said.');
  await expect(thread(page).getByText('Of a new chat.', { exact: true })).toHaveCount(1);
});

for (const [where, leave] of [
  ['', async () => {}],
  [', also after a reload', (page: Page) => page.reload()],
  [', also from another page', (page: Page) => page.getByRole('link', { name: /Older/ }).click()],
] as const) {
  test(`the first message of a chat that could not be sent goes out by itself, once${where}`, async ({
    page,
    confab,
    ann,
  }) => {
    expect(ann.name).toBe('Ann Lee');
    await ask(page, confab.url, 'mutation { createChat(input: { title: "Older" }) { __typename } }');
    await page.goto('/chat/new');
    await expect(page.getByRole('link', { name: /Older/ })).toBeVisible();
    let isAway = true;
    let attempts = 0;
    await page.route('**/graphql', async (route) => {
      if (!isAway || !route.request().postData()?.includes('mutation CreateChat')) return route.continue();
      attempts += 1;
      // The first attempt reaches the server, only its confirmation does not come back.
      if (attempts === 1) await route.fetch();
      await route.fulfill({ status: 503, body: 'Service Unavailable' });
    });
    await send(page, 'Of a new chat.');
    const box = page.getByRole('textbox', { name: 'Message', exact: true });
    await expect(page.getByText('Not sent. It is sent by itself when the connection is back.')).toBeVisible();
    await expect(box).toHaveValue('Of a new chat.');
    await leave(page);
    if (!where.includes('page')) {
      await expect(page.getByText('Not sent.')).toBeVisible();
      await expect(box).toHaveValue('Of a new chat.');
    }
    await expect.poll(() => attempts).toBeGreaterThan(1);
    isAway = false;
    if (where.includes('page')) await page.getByRole('link', { name: 'Of a new chat.' }).click();
    await expect(thread(page)).toContainText('Well said.');
    await expect(thread(page).getByText('Of a new chat.', { exact: true })).toHaveCount(1);
    await expect(box).toHaveValue('');

    await page.goto('/chat/new');
    await expect(page.getByRole('link', { name: 'Of a new chat.' })).toHaveCount(1);
    await expect(box).toHaveValue('');
    await expect(page.getByText('Not sent.')).toHaveCount(0);
    const { chats } = await ask<{ chats: { nodes: { messages: { nodes: object[] } }[] } }>(
      page,
      confab.url,
      '{ chats { nodes { messages(last: 5) { nodes { id } } } } }',
    );
    expect(chats.nodes.map(({ messages }) => messages.nodes.length)).toEqual([2, 0]);
  });
}

test('what is typed while a chat is made is the draft of that chat, without what was sent', async ({ page, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat/new');
  const asked = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('mutation CreateChat')) {
      asked.resolve();
      await held.promise;
    }
    await route.continue();
  });
  await send(page, 'The first.');
  await asked.promise;
  await page.keyboard.type(' And the next');
  held.resolve();
  await expect(thread(page)).toContainText('Well said.');
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await expect(box).toHaveValue('And the next');
  await page.goto('/chat/new');
  await expect(page.getByRole('link', { name: 'The first.' })).toBeVisible();
  await expect(box).toHaveValue('');
});

test('a first message that waits and is changed goes out when its person sends it', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat/new');
  let isAway = true;
  await page.route('**/graphql', (route) =>
    isAway && route.request().postData()?.includes('mutation CreateChat')
      ? route.fulfill({ status: 503, body: 'Service Unavailable' })
      : route.continue(),
  );
  await send(page, 'A mesage.');
  await expect(page.getByText(/Not sent. It is sent by itself/)).toBeVisible();
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await box.fill('A message.');
  await expect(page.getByText('Not sent.', { exact: true })).toBeVisible();
  isAway = false;
  // After a reload whatever waits is sent at once.
  await page.reload();
  await expect(box).toHaveValue('A message.');
  await page.locator('button[type=submit][aria-disabled=false]').waitFor();
  const sent = page.waitForRequest((request) => !!request.postData()?.includes('mutation SendMessage'));
  await page.getByRole('button', { name: 'Send' }).click();
  expect((await sent).postDataJSON()).toMatchObject({ variables: { input: { content: 'A message.' } } });
  await expect(thread(page)).toContainText('Well said.');
  const { chats } = await ask<{ chats: { nodes: object[] } }>(page, confab.url, '{ chats { nodes { id } } }');
  expect(chats.nodes).toHaveLength(1);
});

test('a message that did not get through goes out after a reload, and what was typed meanwhile stays', async ({
  page,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat');
  await send(page, 'First.');
  await expect(thread(page)).toContainText('Well said.');
  await page.context().setOffline(true);
  await send(page, 'Second.');
  await expect(thread(page)).toContainText('Not sent.');
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await expect(box).toHaveValue('');
  await box.focus();
  await page.keyboard.type('And third, to the last key');
  await page.context().setOffline(false);
  await page.reload();
  await expect(box).toHaveValue('And third, to the last key');
  await expect(thread(page).getByText('Well said.')).toHaveCount(2);
  await expect(thread(page).getByText('Second.', { exact: true })).toHaveCount(1);
});

test('what cannot be sent yet stays in its row until the answer that is in its way is complete', async ({
  page,
  confab,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat');
  await send(page, 'First.');
  await expect(thread(page)).toContainText('Well said.');
  await page.context().setOffline(true);
  await send(page, 'Second.');
  await expect(thread(page)).toContainText('Not sent.');

  const held = confab.model.hold();
  const input = { chatId: page.url().split('/').at(-1), content: 'From elsewhere.', clientId: crypto.randomUUID() };
  await ask(page, confab.url, 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }', {
    input,
  });
  await page.context().setOffline(false);
  await expect(thread(page)).toContainText('From elsewhere.');
  const retry = thread(page).getByRole('button', { name: 'Retry' });
  await retry.click();
  await expect(thread(page)).toContainText('An answer is still being written in this chat.');
  await expect(thread(page).getByText('Second.', { exact: true })).toBeVisible();

  held.begin().write('Done.').end();
  await expect(thread(page).getByText('Done.', { exact: true })).toBeVisible();
  await expect(thread(page).getByText('Well said.')).toHaveCount(2);
  await expect(thread(page).getByText('Second.', { exact: true })).toHaveCount(1);
  await expect(thread(page)).not.toContainText('Not sent.');
});

test('the editor of a message that is deleted elsewhere keeps its text, and a way into the message field', async ({
  page,
  confab,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat');
  await send(page, 'First.');
  await expect(thread(page)).toContainText('Well said.');
  const question = thread(page).getByRole('article', { name: 'You' });
  await question.hover();
  await question.getByRole('button', { name: 'Edit message' }).click();
  const editor = question.getByRole('textbox', { name: 'Edited message' });
  await editor.fill('First, in other ');
  const id = await question.getAttribute('data-message');
  await ask(page, confab.url, `mutation { deleteMessage(input: { id: "${id}" }) { __typename } }`);
  await expect(question).toContainText('This message was deleted elsewhere.');
  await expect(editor).toBeFocused();
  await page.keyboard.type('words.');
  await page.reload();
  await expect(editor).toHaveValue('First, in other words.');

  await question.getByRole('button', { name: 'Move to the message field' }).click();
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await expect(box).toHaveValue('First, in other words.');
  await expect(box).toBeFocused();
  await expect(question).toContainText('This message was deleted.');
  await expect(editor).toHaveCount(0);
});

test('a wording that a crashed page left comes into an editor that is open already', async ({ page, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat');
  await send(page, 'First.');
  await expect(thread(page)).toContainText('Well said.');
  const question = thread(page).getByRole('article', { name: 'You' });
  const editor = question.getByRole('textbox', { name: 'Edited message' });
  const edit = async () => {
    await question.hover();
    await question.getByRole('button', { name: 'Edit message' }).click();
  };
  await edit();
  await editor.fill('A draft.');
  await expect
    .poll(() =>
      page.evaluate(() => {
        const key = Object.keys(localStorage).find((each) => (localStorage.getItem(each) ?? '').includes('A draft.'));
        if (!key) return false;
        const crashed = { page: 'crashed', savedAt: Date.now(), value: 'A wording that a crash left.' };
        localStorage.setItem(key.replace(/\.[^.]+$/, '.crashed'), JSON.stringify(crashed));
        return true;
      }),
    )
    .toBe(true);
  await editor.press('Escape');
  await page.reload();
  // It is found after two seconds: as a rule the editor is open by then, and has other words.
  if (!(await editor.isVisible())) await edit();
  await editor.press('End');
  await page.keyboard.type(' More');
  await expect(editor).toHaveValue(/^A wording that a crash left\.(\n\nFirst\.)? More$/);
  await editor.press('End');
  await page.keyboard.type('!');
  await page.reload();
  await expect(editor).toHaveValue(/^A wording that a crash left\.(\n\nFirst\.)? More!$/);
});

test('a message on its way is seen after a reload, also where the same words were said before', async ({
  page,
  ann,
}) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat');
  await send(page, 'Go on.');
  await expect(thread(page)).toContainText('Well said.');
  await page.route('**/graphql', (route) =>
    // It never arrives, and no error comes.
    route.request().postData()?.includes('mutation SendMessage') ? undefined : route.continue(),
  );
  await send(page, 'Go on.');
  await expect(thread(page)).toContainText('Sending…');
  await page.reload();
  await expect(thread(page).getByText('Go on.', { exact: true })).toHaveCount(2);
  await expect(thread(page)).toContainText('Sending…');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.reload();
  await expect(thread(page).getByText('Well said.')).toHaveCount(2);
  await expect(thread(page).getByText('Go on.', { exact: true })).toHaveCount(2);
});

test('older messages come when one scrolls up, and the place is kept', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  test.slow();
  const { createChat } = await ask<{ createChat: { chat: { id: string } } }>(
    page,
    confab.url,
    'mutation { createChat(input: { title: "Long" }) { ... on CreateChatPayload { chat { id } } } }',
  );
  for (let number = 1; number <= 60; number += 1) {
    await ask(
      page,
      confab.url,
      'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename ... on Error { reason } } }',
      {
        input: { chatId: createChat.chat.id, content: `Question ${number}.`, clientId: crypto.randomUUID() },
      },
    );
    await expect
      .poll(
        () =>
          ask<{ chat: { activeRuns: object[] } }>(
            page,
            confab.url,
            `{ chat(id: "${createChat.chat.id}") { activeRuns { id } } }`,
          ),
        { intervals: [10] },
      )
      .toEqual({ chat: { activeRuns: [] } });
  }
  await page.goto(`/chat/${createChat.chat.id}`);
  await expect(thread(page).getByText('Question 60.', { exact: true })).toBeInViewport();
  await expect(thread(page).getByText('Question 1.', { exact: true })).toHaveCount(0);
  await thread(page).hover();

  // What cannot be had is asked for once, not with every move of the page, and then by a click.
  let refused = 0;
  await page.route('**/graphql', (route) => {
    if (!/"before":"/.test(route.request().postData() ?? '')) return route.continue();
    refused += 1;
    return route.abort();
  });
  const frames = (count: number) =>
    page.evaluate(async (left) => {
      for (; left > 0; left -= 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    }, count);
  await expect(async () => {
    await page.mouse.wheel(0, -1_500);
    await expect(thread(page).getByRole('button', { name: 'Retry' })).toBeVisible({ timeout: 100 });
  }).toPass();
  await page.mouse.wheel(0, -50);
  await frames(30);
  expect(refused).toBe(1);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await thread(page).getByRole('button', { name: 'Retry' }).click();
  await expect(thread(page).getByRole('button', { name: 'Retry' })).toHaveCount(0);
  await page.mouse.move(700, 400);

  for (
    let turn = 0;
    turn < 60 && (await thread(page).getByText('Question 1.', { exact: true }).count()) === 0;
    turn += 1
  ) {
    await page.mouse.wheel(0, -1_500);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  await expect(thread(page).getByText('Question 1.', { exact: true })).toHaveCount(1);
  // Each stands there once, though those that are far from the view are not in the page.
  const seen = new Set<string>();
  for (let turn = 0; turn < 200 && !seen.has('Question 60.'); turn += 1) {
    const texts = await thread(page)
      .getByText(/^Question \d+\.$/)
      .allTextContents();
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.length).toBeLessThan(60);
    for (const text of texts) seen.add(text);
    await page.mouse.wheel(0, 600);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  expect([...seen].toSorted()).toEqual(Array.from({ length: 60 }, (_, index) => `Question ${index + 1}.`).toSorted());
  await page.mouse.wheel(0, -3_000);
  await page.getByRole('button', { name: 'Jump to the newest' }).click();
  await expect(thread(page).getByText('Question 60.', { exact: true })).toBeInViewport();
});

test('a message that the server took while the page was left is not in the box again', async ({ page, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/chat');
  await send(page, 'First.');
  await expect(thread(page)).toContainText('Well said.');
  const taken = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    if (!(route.request().postData() ?? '').includes('mutation SendMessage')) return route.continue();
    // It arrives; what the server says to it does not.
    await route.fetch();
    taken.resolve();
  });
  await send(page, 'Second.');
  await taken.promise;
  await page.unroute('**/graphql');
  await page.reload();
  await expect(thread(page).getByText('Well said.')).toHaveCount(2);
  await expect(thread(page).getByText('Second.', { exact: true })).toHaveCount(1);
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue('');
});

test('a file that is dropped does not open in the tab: text goes into the box, a picture is refused', async ({
  page,
  ann,
}, testInfo) => {
  expect(ann.name).toBe('Ann Lee');
  const folder = testInfo.outputPath();
  await mkdir(folder, { recursive: true });
  const files = {
    notes: join(folder, 'notes.txt'),
    long: join(folder, 'long.txt'),
    picture: join(folder, 'picture.png'),
    bytes: join(folder, 'bytes'),
  };
  await writeFile(files.notes, 'First line\r\nSecond — line');
  await writeFile(files.long, 'x'.repeat(100_001));
  await writeFile(files.picture, Buffer.from('iVBORw0KGgo=', 'base64'));
  await writeFile(files.bytes, Buffer.from([1, 0, 255, 254]));
  await page.goto('/chat/new');
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await box.fill('Read: ');
  const devtools = await page.context().newCDPSession(page);
  const drop = async (path: string, x: number, y: number) => {
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await devtools.send('Input.dispatchDragEvent', { type, x, y, data });
  };

  await drop(files.picture, 800, 200);
  await expect(page.getByText('Images and other files are not supported yet')).toHaveCount(1);
  await drop(files.bytes, 800, 200);
  await expect(page.getByText('Images and other files are not supported yet')).toHaveCount(2);
  await drop(files.long, 100, 400);
  await expect(page.getByText('a message may have 100,000 characters')).toBeVisible();
  await expect(box).toHaveValue('Read: ');
  await drop(files.notes, 800, 200);
  await expect(box).toHaveValue('Read: First line\nSecond — line');
  await expect(page).toHaveURL(/\/chat\/new$/);

  const paste = (files: { name: string; type: string; content: string }[], text: string) =>
    box.evaluate(
      (field, given) => {
        const clipboardData = new DataTransfer();
        for (const { name, type, content } of given.files) clipboardData.items.add(new File([content], name, { type }));
        if (given.text) clipboardData.setData('text/plain', given.text);
        return !field.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData }));
      },
      { files, text },
    );
  await box.fill('');
  expect(await paste([{ name: 'a.csv', type: 'text/csv', content: 'a,b' }], '')).toBe(true);
  await expect(box).toHaveValue('a,b');
  expect(await paste([{ name: 'image.png', type: 'image/png', content: 'PNG' }], '')).toBe(true);
  await expect(page.getByText('Images and other files are not supported yet').last()).toBeVisible();
  // A spreadsheet copies a picture of its cells along with their text.
  expect(await paste([{ name: 'image.png', type: 'image/png', content: 'PNG' }], 'a\tb')).toBe(false);
  await expect(box).toHaveValue('a,b');

  // Also where sign-in is not possible yet, or nothing can be written.
  await page.context().clearCookies();
  await page.goto('/sign-in');
  await page.getByLabel('Email').waitFor();
  await drop(files.notes, 800, 200);
  await expect(page.getByText('Files can only be dropped in a chat')).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in/);
});
