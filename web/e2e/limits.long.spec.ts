import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Page, request } from '@playwright/test';

import { startProcess } from '../../api/testing/process.ts';
import { ask, expect, post, send, test, thread } from './confab.ts';

/** With somebody else, whose reaction is on the last of many messages. */
async function makeRoom(page: Page, url: string): Promise<string> {
  const bob = await request.newContext();
  const byBob = async <Data>(query: string, variables: object = {}) => {
    const { data } = (await post(bob, url, '/graphql', { query, variables })) as { data: Data };
    return data;
  };
  await post(bob, url, '/api/auth/sign-up/email', {
    name: 'Bob Brown',
    email: 'bob@example.org',
    password: 'correct horse battery',
  });
  const { viewer } = await byBob<{ viewer: { person: { id: string } } }>('{ viewer { person { id } } }');
  const { createRoom } = await ask<{ createRoom: { chat: { id: string } } }>(
    page,
    url,
    'mutation ($input: CreateRoomInput!) { createRoom(input: $input) { ... on CreateRoomPayload { chat { id } } } }',
    { input: { title: 'Launch', personIds: [viewer.person.id] } },
  );
  const { id } = createRoom.chat;
  let last = '';
  for (let index = 0; index < 30; index += 1) {
    const { sendMessage } = await ask<{ sendMessage: { message: { id: string } } }>(
      page,
      url,
      'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { ... on SendMessagePayload { message { id } } } }',
      { input: { chatId: id, content: `Message ${index}`, clientId: crypto.randomUUID() } },
    );
    last = sendMessage.message.id;
  }
  await byBob('mutation ($input: ReactInput!) { react(input: $input) { __typename } }', {
    input: { messageId: last, emoji: '👍' },
  });
  await bob.dispose();
  return id;
}

test('the page stays far below what a person may ask for in a minute', async ({ page }) => {
  test.slow();
  const folder = await mkdtemp(join(tmpdir(), 'confab-limits-'));
  // What is usual: servers of tests have none.
  const server = await startProcess({ DATA_DIR: folder, COST_PER_USER: '1000000' });
  const spent: number[] = [];
  try {
    await post(page.request, server.url, '/api/auth/sign-up/email', {
      name: 'Ann Lee',
      email: 'ann@example.org',
      password: 'correct horse battery',
    });
    for (let index = 0; index < 30; index += 1)
      await ask(page, server.url, `mutation { createChat(input: { title: "Chat ${index}" }) { __typename } }`);
    await page.goto(`${server.url}/chat`);
    await send(page, 'Say it again.');
    await expect(thread(page).getByText('Say it again.').nth(1)).toBeVisible();
    const chat = page.url();
    const room = await makeRoom(page, server.url);
    const reaction = thread(page).getByRole('button', { name: /^👍/ });
    // More than anybody does in a minute: 32 pages are loaded.
    for (let round = 0; round < 8; round += 1) {
      for (const address of [chat, `${server.url}/settings`, `${server.url}/admin/agents`]) {
        await page.goto(address);
        await expect(page.locator('h1:visible, h2:visible, [role=log]:visible').first()).toBeVisible();
      }
      await page.goto(`${server.url}/chat/${room}`);
      await page.getByRole('button', { name: 'Members' }).click();
      await expect(page.getByRole('button', { name: 'Create a link' })).toBeVisible();
      // Not by the pointer, below which rows may move.
      await reaction.press('Enter');
      await expect(reaction).toHaveAttribute('aria-pressed', String(round % 2 === 0));
      const field = page.getByRole('textbox', { name: 'Message', exact: true });
      await field.pressSequentially('Dear @bo');
      await page.getByRole('option', { name: /Bob Brown/ }).waitFor();
      await field.press('Enter');
      await send(page, `Dear @bob.brown, this is round ${round}.`);
      await expect(thread(page)).toContainText(`this is round ${round}.`);
      const { rateLimit } = await ask<{ rateLimit: { limit: number; remaining: number } }>(
        page,
        server.url,
        '{ rateLimit { limit remaining } }',
      );
      spent.push((rateLimit.limit - rateLimit.remaining) / rateLimit.limit);
    }
    console.log(`Of a minute's points: ${spent.map((share) => `${(share * 100).toFixed(1)} %`).join(', ')}`);
    expect(Math.max(...spent)).toBeLessThan(0.5);
  } finally {
    await server.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});
