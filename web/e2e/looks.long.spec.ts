import type { Page } from '@playwright/test';

import { cutsAfter, thinks } from '../../api/testing/model-server.ts';
import { ask, expect, send, test, thread } from './confab.ts';
import { plainPages } from './pages.ts';
import { contrasts, tooSmall, tooWide } from './measures.ts';
import { expectSound } from './sound.ts';

const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };

/** Every two of them together, if not every three: colours do not move a word, and words have no colour. */
const looks = [
  { viewport: wide, locale: 'EN', theme: 'DARK' },
  { viewport: wide, locale: 'RU', theme: 'LIGHT' },
  { viewport: narrow, locale: 'EN', theme: 'LIGHT' },
  { viewport: narrow, locale: 'RU', theme: 'DARK' },
];

const rich =
  '## Which database?\n\nFor a small team, **PostgreSQL** is enough:\n\n| | PGlite | PostgreSQL |\n|---|---|---|\n| Install | nothing | a server |\n| Nodes | one | many |\n\n1. Start with PGlite.\n2. Move when you need a second node.\n\n```ts\nconst db = process.env.DATABASE_URL ? server() : embedded();\n```\n\nSee [the docs](https://example.org/docs).';

for (const [index, { viewport, locale, theme }] of looks.entries()) {
  // One of them is enough for `npm test`: what axe finds is mostly in all of them.
  const tag = index === 0 ? [] : '@long';
  test(
    `every page, ${viewport.width} wide, ${locale}, ${theme}`,
    { tag },
    async ({ page, confab, admin }, testInfo) => {
      test.slow();
      expect(admin.name).toBe('Ada Admin');
      await page.setViewportSize(viewport);
      await ask(
        page,
        confab.url,
        'mutation ($input: UpdatePreferencesInput!) { updatePreferences(input: $input) { __typename } }',
        { input: { locale, theme } },
      );
      const look = async (path: string) => {
        await expectSound(page, { where: `${path} ${viewport.width} ${locale} ${theme}` });
        await testInfo.attach(`${path.replaceAll('/', '_')}.png`, {
          body: await page.screenshot(),
          contentType: 'image/png',
        });
      };
      const chatId = await chatWithAnswers(page, confab);
      const room = await livelyRoom(page, confab.url);
      for (const path of [
        '/chat',
        `/chat/${chatId}`,
        `/chat/${room.id}`,
        `/join/${room.invitation}`,
        ...plainPages,
        '/nonsense',
      ]) {
        await page.goto(path);
        await page.locator('h1:visible, h2:visible, [role=log]:visible').first().waitFor();
        if (path.includes(chatId))
          await page
            .getByRole('log')
            .getByText(/DATABASE_URL/)
            .waitFor();
        if (path.includes(room.id)) {
          await page.getByRole('log').getByText('🎉').waitFor();
          await look(path);
          await page.getByRole('button', { name: /^(Members|Участники)$/ }).click();
          await page.getByText(/^(Agent sessions|Сеансы агентов)$/).click();
          await page.getByRole('button', { name: /^(Create a link|Создать ссылку)$/ }).click();
          await page.getByLabel(/^(Invitation link|Ссылка-приглашение)$/).waitFor();
        }
        await look(path);
      }
      await page.context().clearCookies();
      for (const path of ['/sign-in', '/sign-up']) {
        await page.goto(path);
        await page.locator('h1:visible, h2:visible').first().waitFor();
        await expectSound(page, { where: `${path} ${viewport.width} ${locale} ${theme}` });
      }
    },
  );
}

async function chatWithAnswers(
  page: Page,
  confab: { url: string; model: { next: (...answers: ReturnType<typeof thinks>[]) => void } },
): Promise<string> {
  const { createChat } = await ask<{ createChat: { chat: { id: string } } }>(
    page,
    confab.url,
    'mutation { createChat(input: {}) { ... on CreateChatPayload { chat { id } } } }',
  );
  const { id } = createChat.chat;
  confab.model.next(thinks('They want a short answer.', rich), cutsAfter('A half'));
  for (const content of ['Which database should a small team choose? Compare the two.', 'And now fail.']) {
    await ask(page, confab.url, 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }', {
      input: { chatId: id, content, clientId: crypto.randomUUID() },
    });
    await expect
      .poll(() =>
        ask<{ chat: { activeRuns: object[] } }>(page, confab.url, `{ chat(id: "${id}") { activeRuns { id } } }`),
      )
      .toEqual({ chat: { activeRuns: [] } });
  }
  return id;
}

/** With a topic, an agent, its answer, a quote and a reaction; and a link by which one joins it. */
async function livelyRoom(page: Page, url: string): Promise<{ id: string; invitation: string }> {
  const { agents } = await ask<{ agents: { id: string; handle: string }[] }>(page, url, '{ agents { id handle } }');
  const agentIds = agents.filter(({ handle }) => handle === 'claude').map((agent) => agent.id);
  const input = { title: 'Launch', topic: 'All about the launch', visibility: 'OPEN', agentIds };
  const { createRoom } = await ask<{ createRoom: { chat: { id: string } } }>(
    page,
    url,
    'mutation ($input: CreateRoomInput!) { createRoom(input: $input) { ... on CreateRoomPayload { chat { id } } } }',
    { input },
  );
  const { id } = createRoom.chat;
  const say = async (content: string, replyToId?: string) => {
    const { sendMessage } = await ask<{ sendMessage: { message: { id: string } } }>(
      page,
      url,
      'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { ... on SendMessagePayload { message { id } } } }',
      { input: { chatId: id, content, clientId: crypto.randomUUID(), ...(replyToId && { replyToId }) } },
    );
    return sendMessage.message.id;
  };
  const first = await say(
    'Shall we launch on Monday, or is that too early? See https://example.org/plan for what is left.',
  );
  await say('@claude, what do you think?');
  const last = await say('So we do.', first);
  await ask(page, url, 'mutation ($input: ReactInput!) { react(input: $input) { __typename } }', {
    input: { messageId: last, emoji: '🎉' },
  });
  const { createInvitation } = await ask<{ createInvitation: { token: string } }>(
    page,
    url,
    'mutation ($input: CreateInvitationInput!) { createInvitation(input: $input) { ... on CreateInvitationPayload { token } } }',
    { input: { chatId: id } },
  );
  await expect
    .poll(() => ask<{ chat: { activeRuns: object[] } }>(page, url, `{ chat(id: "${id}") { activeRuns { id } } }`))
    .toEqual({ chat: { activeRuns: [] } });
  return { id, invitation: createInvitation.token };
}

test('on a phone, list and chat are screens of their own', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.setViewportSize({ width: 390, height: 844 });
  // An empty list leads to the place where one asks.
  await page.goto('/chat');
  await page.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: 'New chat' }).click();
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeInViewport();
  await page.goto('/chat/rooms');
  await page.getByRole('button', { name: 'Open rooms' }).click();
  await expect(page.getByRole('searchbox', { name: 'Search open rooms' })).toBeInViewport({ ratio: 1 });
  await ask(page, confab.url, 'mutation { createChat(input: { title: "In the pocket" }) { __typename } }');
  await page.goto('/chat');
  const link = page.getByRole('link', { name: /In the pocket/ });
  await link.click();
  await expect(page).toHaveURL(/Chat_/);
  await expect(link).toBeHidden();
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeInViewport();
});

/** Other tests of the same server give the administrator another language and theme. */
async function resetPreferences(page: Page, url: string): Promise<void> {
  await ask(page, url, 'mutation { updatePreferences(input: { locale: EN, theme: SYSTEM }) { __typename } }');
}

test('fields and what is chosen have a contrast of 3:1, and Delete is red, in both themes', async ({
  page,
  confab,
  admin,
}) => {
  expect(admin.name).toBe('Ada Admin');
  await resetPreferences(page, confab.url);
  await ask(page, confab.url, 'mutation { createChat(input: { title: "Chosen" }) { __typename } }');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto('/chat');
    await page
      .getByRole('link', { name: /Chosen/ })
      .first()
      .click();
    await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeVisible();
    // Hovered or focused, a field may have another border.
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.mouse.move(0, 0);
    await expectContrasts(page, { fields: 2, chosen: 2 });

    await page.getByRole('button', { name: 'Chat actions', exact: true }).click();
    const remove = page.getByRole('menuitem', { name: 'Delete' });
    await page.keyboard.press('End');
    await expect(remove).toHaveAttribute('data-highlighted');
    const [danger, ink] = await page.evaluate(() => {
      const probe = document.createElement('p');
      document.body.append(probe);
      const colours = ['--danger', '--ink'].map((name) => {
        probe.style.color = `var(${name})`;
        return getComputedStyle(probe).color;
      });
      probe.remove();
      return colours;
    });
    await expect(remove).toHaveCSS('color', danger ?? '');
    await expect(page.getByRole('menuitem', { name: 'Rename' })).toHaveCSS('color', ink ?? '');
    await expectContrasts(page, { chosen: 3 });
    await page.keyboard.press('Escape');

    await page.keyboard.press('Control+k');
    await page.getByRole('option', { name: 'Chosen' }).first().waitFor();
    await expectContrasts(page, { chosen: 3 });
    for (const [path, fields] of [
      ['/settings', 4],
      ['/admin/context', 1],
    ] as const) {
      await page.goto(path);
      await page.getByRole('textbox').first().waitFor();
      await expectContrasts(page, { fields });
    }
    await page.goto('/admin/agents');
    await page.getByRole('button', { name: 'New agent' }).click();
    await page.getByRole('dialog').getByLabel('Instructions').focus();
    await expectContrasts(page, { fields: 7 });
  }
});

/** At least so many of each kind are there to be measured. */
async function expectContrasts(page: Page, least: { fields?: number; chosen?: number }): Promise<void> {
  // The parts of a page come one by one.
  await expect(async () => {
    const { fields, chosen } = await page.evaluate(contrasts);
    expect(fields.length).toBeGreaterThanOrEqual(least.fields ?? 0);
    expect(chosen.length).toBeGreaterThanOrEqual(least.chosen ?? 0);
  }).toPass({ timeout: 30_000 });
  const found = await page.evaluate(contrasts);
  expect([...found.fields, ...found.chosen].filter(({ ratio }) => ratio < 3)).toEqual([]);
}

test('notices in passing are centred on the thread and cover neither the box nor a text', async ({ page, admin }) => {
  expect(admin.name).toBe('Ada Admin');
  const place = async (of: string) => {
    const found = await page.locator(of).last().boundingBox();
    if (!found) throw new Error(`There is no ${of}.`);
    return { ...found, centre: found.x + found.width / 2, bottom: found.y + found.height };
  };
  const toast = '[aria-live=polite] > div';
  await page.goto('/chat');
  await send(page, 'Hello.');
  await expect(thread(page)).toContainText('Well said.');
  for (const inspects of [false, true]) {
    if (inspects) await page.getByRole('button', { name: 'What the AI saw' }).first().click();
    await dropFile(page, 'a.png', 'image/png', 'PNG');
    await page.locator(toast).first().waitFor();
    await expect.poll(async () => Math.abs((await place(toast)).centre - (await place('form')).centre)).toBeLessThan(1);
    const gap = (await place('form')).y - (await place(toast)).bottom;
    expect(gap).toBeGreaterThan(0);
    expect(gap).toBeLessThan(32);
    await page.getByRole('button', { name: 'Dismiss' }).first().click();
  }

  await page.goto('/admin/context');
  await page.getByRole('textbox').waitFor();
  await dropFile(page, 'a.txt', 'text/plain', 'Words');
  await page.locator(toast).first().waitFor();
  await expect.poll(async () => Math.abs((await place(toast)).centre - 720)).toBeLessThan(1);
  expect(900 - (await place(toast)).bottom).toBeLessThan(32);
  await expect(page.getByText('Files can only be dropped in a chat')).toBeVisible();

  // Over a dialog one can be dismissed, which stays open.
  await page.goto('/admin/agents');
  await page.getByRole('button', { name: 'New agent' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await dropFile(page, 'b.txt', 'text/plain', 'Words');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.locator(toast)).toHaveCount(0);
  await expect(dialog).toBeVisible();

  await page.setViewportSize(narrow);
  await page.goto('/chat/new');
  await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
  await dropFile(page, 'a.png', 'image/png', 'PNG');
  await page.locator(toast).first().waitFor();
  await expect.poll(async () => (await place('form')).y - (await place(toast)).bottom).toBeGreaterThan(0);
});

/** Drops a file in the middle of the page; returns whether the page prevented the browser's default. */
async function dropFile(page: Page, name: string, type: string, content: string): Promise<boolean> {
  return page.evaluate(
    ([fileName, fileType, words]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([words], fileName, { type: fileType }));
      const middle = document.elementFromPoint(innerWidth / 2, innerHeight / 2) ?? document.body;
      return ['dragover', 'drop'].every(
        (kind) => !middle.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer })),
      );
    },
    [name, type, content] as const,
  );
}

test.describe('on a touch phone', () => {
  test.use({ viewport: narrow, hasTouch: true, isMobile: true });

  test('all that one taps is 40 px wide and high, and nothing is wider than the screen', async ({
    page,
    confab,
    admin,
  }) => {
    test.slow();
    expect(admin.name).toBe('Ada Admin');
    await resetPreferences(page, confab.url);
    const chatId = await chatWithAnswers(page, confab);
    const fits = async (where: string) => {
      expect(await page.evaluate(tooSmall), where).toEqual([]);
      expect(await page.evaluate(tooWide), where).toEqual([]);
      if (process.env['SHOTS'])
        await page.screenshot({ path: `${process.env['SHOTS']}/${where.replaceAll('/', '_')}.png` });
    };
    await page.goto('/chat');
    await page.getByRole('searchbox').waitFor();
    await fits('the list');
    await page
      .getByRole('button', { name: /^Chat actions/ })
      .first()
      .tap();
    await page.getByRole('menuitem', { name: 'Delete' }).waitFor();
    await fits('the menu of a chat');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Main menu/ }).tap();
    await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).tap();
    await page.getByRole('dialog').waitFor();
    await fits('the list of keys');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).tap();

    await page.goto(`/chat/${chatId}`);
    await thread(page).getByRole('button', { name: 'Retry' }).waitFor();
    await fits('a chat');
    const [edit, remove] = await Promise.all(
      ['Edit message', 'Delete message'].map((name) =>
        thread(page).getByRole('button', { name }).first().boundingBox(),
      ),
    );
    expect((remove?.x ?? 0) - (edit?.x ?? 0) - (edit?.width ?? 0)).toBeGreaterThanOrEqual(8);
    await thread(page).getByRole('button', { name: 'Edit message' }).last().tap();
    await page.getByRole('textbox', { name: 'Edited message' }).waitFor();
    await fits('the editor');
    await page.getByRole('button', { name: 'Cancel' }).tap();
    await thread(page).getByRole('button', { name: 'Delete message' }).last().tap();
    await page.getByRole('dialog').waitFor();
    await fits('a question');
    await page.getByRole('button', { name: 'Cancel' }).tap();
    await page.getByRole('button', { name: /^Agent:/ }).tap();
    await page.getByRole('menuitemradio').first().waitFor();
    await fits('the choice of agents');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'What the AI saw' }).first().tap();
    await page.locator('summary').first().waitFor();
    await fits('the inspector');

    const room = await livelyRoom(page, confab.url);
    await page.goto(`/chat/${room.id}`);
    await thread(page).getByText('🎉').waitFor();
    await fits('a room');
    await thread(page).getByRole('button', { name: 'More actions' }).last().tap();
    await page.getByRole('menuitem', { name: 'Delete message' }).waitFor();
    await fits('the menu of a message');
    await page.keyboard.press('Escape');
    const field = page.getByRole('textbox', { name: 'Message', exact: true });
    await field.pressSequentially('@');
    await page.getByRole('option').first().waitFor();
    await fits('the names to choose');
    await field.fill('');
    await page.getByRole('button', { name: 'Members' }).tap();
    const panel = page.getByRole('dialog', { name: 'Members' });
    await panel.getByText('Agent sessions').tap();
    await panel.getByRole('button', { name: /what do you think/ }).waitFor();
    await panel.getByRole('button', { name: 'Create a link' }).tap();
    await panel.getByLabel('Invitation link').waitFor();
    await fits('the panel of a room');
    await panel.getByRole('button', { name: 'Leave the room' }).tap();
    await page.getByRole('dialog', { name: 'Leave the room' }).waitFor();
    await fits('the question whether to leave');

    for (const path of ['/chat/new', `/join/${room.invitation}`, '/join/x', ...plainPages, '/nonsense']) {
      await page.goto(path);
      await page.locator('h1:visible, h2:visible').first().waitFor();
      await fits(path);
    }
    await page.goto('/settings/tokens');
    await page.getByRole('button', { name: 'New token' }).tap();
    await page.getByRole('dialog').getByText('Only these').tap();
    await page.getByRole('dialog').getByRole('checkbox', { name: 'Launch' }).first().waitFor();
    await fits('a token');
    await page.goto('/admin/agents');
    await page.getByRole('button', { name: 'New agent' }).tap();
    await page.getByRole('dialog').waitFor();
    await fits('an agent');
    await page.context().clearCookies();
    for (const path of ['/sign-in', '/sign-up']) {
      await page.goto(path);
      await page.locator('h1:visible').waitFor();
      await fits(path);
    }
  });

  test('Enter breaks the line, and the button sends', async ({ page, ann }) => {
    expect(ann.name).toBe('Ann Lee');
    await page.goto('/chat/new');
    const box = page.getByRole('textbox', { name: 'Message', exact: true });
    await expect(box).toHaveAttribute('enterkeyhint', 'enter');
    await box.tap();
    await page.keyboard.type('first line');
    await page.keyboard.press('Enter');
    await page.keyboard.type('second line');
    await expect(box).toHaveValue('first line\nsecond line');
    await page.getByRole('button', { name: 'Send' }).tap();
    await expect(thread(page)).toContainText('Well said.');

    await thread(page).getByRole('button', { name: 'Edit message' }).tap();
    const editor = page.getByRole('textbox', { name: 'Edited message' });
    await expect(editor).toBeFocused();
    await editor.press('End');
    await editor.press('Enter');
    await page.keyboard.type('third');
    await expect(editor).toHaveValue(/\nthird/);
    await expect(thread(page).getByRole('article')).toHaveCount(2);
    // With a keyboard at a tablet there is Ctrl and Enter.
    await editor.press('Control+Enter');
    await expect(thread(page).getByRole('group', { name: 'Version 2 of 2' }).first()).toBeVisible();
  });
});
