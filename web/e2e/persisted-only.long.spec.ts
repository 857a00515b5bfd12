import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProcess } from '../../api/testing/process.ts';
import { expect, post, send, test, thread } from './confab.ts';
import { plainPages } from './pages.ts';

test('the page does all it does at a server that runs its own documents alone', async ({ page }) => {
  test.slow();
  const folder = await mkdtemp(join(tmpdir(), 'confab-persisted-'));
  const server = await startProcess({ DATA_DIR: folder, PERSISTED_ONLY: 'true' });
  const answers: Promise<string>[] = [];
  const streams: Promise<string>[] = [];
  page.on('response', (response) => {
    if (new URL(response.url()).pathname !== '/graphql') return;
    const isStream = response.headers()['content-type']?.startsWith('text/event-stream');
    // There is no text of what is cut by leaving the page.
    (isStream ? streams : answers).push(response.text().catch(() => ''));
  });
  const refusals = async () => {
    // Before the page is left, which ends the streams.
    await Promise.all(answers);
    await page.goto(`${server.url}/favicon.svg`);
    const texts = await Promise.all([...answers, ...streams]);
    expect(texts.filter((text) => text.includes('"data"')).length).toBeGreaterThan(10);
    return texts.filter((text) => text.includes('DOCUMENT_NOT_ALLOWED'));
  };
  try {
    const ann = { name: 'Ann Lee', email: 'ann@example.org', password: 'correct horse battery' };
    await page.goto(`${server.url}/sign-up`);
    await page.getByLabel('Name').fill(ann.name);
    await page.getByLabel('Email').fill(ann.email);
    await page.getByLabel('Password').fill(ann.password);
    await page.getByRole('button', { name: /sign up|create/i }).click();
    await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeVisible();
    await send(page, 'Say it again.');
    await expect(thread(page).getByText('Say it again.').nth(1)).toBeVisible();
    for (const path of plainPages) {
      await page.goto(server.url + path);
      await expect(page.locator('h1:visible, h2:visible').first()).toBeVisible();
      await expect(page.getByRole('alert')).toHaveCount(0);
    }
    await page.goto(`${server.url}/chat/rooms`);
    await page.getByLabel('Title').fill('Launch');
    await page.getByRole('button', { name: 'Create a room' }).click();
    await page.getByRole('button', { name: 'Members' }).click();
    await page.getByRole('button', { name: 'Create a link' }).click();
    await expect(page.getByLabel('Invitation link')).toHaveValue(/join/);
    await page.getByRole('complementary', { name: 'Members' }).getByText('Agent sessions').click();
    await expect(page.getByText('No agent has been asked yet.')).toBeVisible();
    await send(page, 'Hear, hear.');
    await expect(thread(page).getByRole('article', { name: 'You' })).toContainText('Hear, hear.');
    expect(await refusals()).toEqual([]);

    const query = '{ chats { nodes { title } } }';
    // A refusal would have been seen.
    await page.goto(`${server.url}/chat`);
    await page.evaluate(async (body) => {
      const headers = { 'content-type': 'application/json', 'x-graphql-yoga-csrf': '1' };
      return (await fetch('/graphql', { method: 'POST', headers, body })).text();
    }, JSON.stringify({ query }));
    expect(await refusals()).toHaveLength(1);
    await expect(post(page.request, server.url, '/graphql', { query })).rejects.toThrow('DOCUMENT_NOT_ALLOWED');
    const { builds } = JSON.parse(await readFile('web/dist/.documents.json', 'utf8')) as {
      builds: { documents: Record<string, string> }[];
    };
    const [hash] = Object.entries(builds[0]?.documents ?? {}).find(([, text]) => text.includes('query Tokens')) ?? [];
    const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };
    const operationName = 'Tokens';
    expect(await post(page.request, server.url, '/graphql', { operationName, extensions })).toMatchObject({
      data: { apiTokens: [] },
    });
  } finally {
    await server.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});
