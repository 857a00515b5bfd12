import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fails, modelServer, says } from '../../api/testing/model-server.ts';
import { startProcess } from '../../api/testing/process.ts';
import { expect, send, test, thread } from './confab.ts';

test('with a server at home alone its model answers, and the administrator chooses another of its models', async ({
  page,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'confab-ollama-'));
  await using model = await modelServer();
  const server = await startProcess({ DATA_DIR: folder, OPENAI_BASE_URL: `${model.url}/v1` });
  try {
    await page.goto(`${server.url}/sign-up`);
    await page.getByLabel('Name').fill('Grace Hopper');
    await page.getByLabel('Email').fill('grace@example.org');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign up' }).click();

    const refusal =
      "'max_tokens' is too large: 16000. This model's maximum context length is 8192 tokens and your request has 150 input tokens (16000 > 8192 - 150).";
    model.next(fails(400, 'invalid_request_error', {}, refusal), says('Hello from under the desk.'));
    await send(page, 'Who are you?');
    await expect(thread(page)).toContainText('Hello from under the desk.');
    await expect(page.getByRole('note')).toBeHidden();
    expect(model.calls.at(-1)?.body.model).toBe('llama3.2:3b');

    await page.goto(`${server.url}/admin/agents`);
    await expect(page.getByRole('listitem').filter({ hasText: '@assistant' })).toContainText(
      'llama3.2:3b (chosen from the server’s list)',
    );
    await expect(page.getByRole('listitem').filter({ hasText: '@assistant' })).toContainText(
      'fewer than the longest answer',
    );
    await page.getByRole('button', { name: 'New agent' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Handle').fill('mistral');
    await dialog.getByLabel('Name').fill('Mistral');
    await dialog.getByLabel('Provider').selectOption('OpenAI-compatible');
    await dialog.getByLabel('Model', { exact: true }).fill('mistral:7b');
    await dialog.getByRole('button', { name: 'Create agent' }).click();
    await expect(dialog).toBeHidden();

    await page.goto(`${server.url}/chat`);
    await page.getByRole('button', { name: /Choose the agent|^Agent: / }).click();
    await page.getByRole('menuitemradio', { name: /Mistral/ }).click();
    model.next(says('Bonjour.'));
    await send(page, 'And you?');
    await expect(thread(page)).toContainText('Bonjour.');
    expect(model.calls.findLast(({ body }) => body.model === 'mistral:7b')).toBeDefined();
  } finally {
    await server.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});
