import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { cutsAfter, thinks } from '../../api/testing/model-server.ts';
import { ask, expect, test } from './confab.ts';

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

for (const { viewport, locale, theme } of looks) {
  test(`every page, ${viewport.width} wide, ${locale}, ${theme}`, async ({ page, confab, admin }, testInfo) => {
    test.slow();
    expect(admin.name).toBe('Ada Admin');
    await page.setViewportSize(viewport);
    await ask(
      page,
      confab.url,
      'mutation ($input: UpdatePreferencesInput!) { updatePreferences(input: $input) { __typename } }',
      { input: { locale, theme } },
    );
    const chatId = await chatWithAnswers(page, confab);
    for (const path of ['/chat', `/chat/${chatId}`, '/settings', '/admin/context', '/admin/agents', '/nonsense']) {
      await page.goto(path);
      await page.locator('h1:visible, h2:visible, [role=log]:visible').first().waitFor();
      if (path.includes(chatId))
        await page
          .getByRole('log')
          .getByText(/DATABASE_URL/)
          .waitFor();
      await expectSound(page, `${path} ${viewport.width} ${locale} ${theme}`);
      await testInfo.attach(`${path.replaceAll('/', '_')}.png`, {
        body: await page.screenshot(),
        contentType: 'image/png',
      });
    }
    await page.context().clearCookies();
    for (const path of ['/sign-in', '/sign-up']) {
      await page.goto(path);
      await page.locator('h1:visible, h2:visible').first().waitFor();
      await expectSound(page, `${path} ${viewport.width} ${locale} ${theme}`);
    }
  });
}

/** No serious finding of axe, nothing wider than the screen, and the language is the page's own. */
async function expectSound(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(
    serious.map(({ id, nodes }) => ({ id, at: nodes.map(({ target }) => target.join(' ')) })),
    where,
  ).toEqual([]);
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(content, `${where}: width`).toBeLessThanOrEqual(screen ?? 0);
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

test('on a phone, list and chat are screens of their own', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.setViewportSize({ width: 390, height: 844 });
  await ask(page, confab.url, 'mutation { createChat(input: { title: "In the pocket" }) { __typename } }');
  await page.goto('/chat');
  const link = page.getByRole('link', { name: /In the pocket/ });
  await link.click();
  await expect(page).toHaveURL(/Chat_/);
  await expect(link).toBeHidden();
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeInViewport();
});
