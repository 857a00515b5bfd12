import { expect, send, test, thread } from './confab.ts';

test('the administrator makes an agent, and a chat can choose it', async ({ page, confab, admin }) => {
  expect(admin.name).toBe('Ada Admin');
  await page.goto('/admin/agents');
  await page.getByRole('button', { name: 'New agent' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Handle').fill('poet');
  await dialog.getByLabel('Name').fill('Poet');
  await dialog.getByLabel('Instructions').fill('Answer in verse.');
  const missing = 'not set up: needs OPENAI_API_KEY or OPENAI_BASE_URL';
  await dialog.getByLabel('Provider').selectOption('OpenAI-compatible');
  await expect(dialog.getByText(missing)).toBeVisible();
  await dialog.getByLabel('Provider').selectOption('Anthropic');
  await expect(dialog.getByText(missing)).toBeHidden();
  await dialog.getByRole('button', { name: 'Create agent' }).click();
  await expect(dialog).toBeHidden();
  await expect(
    page
      .getByRole('heading', { name: 'Poet' })
      .or(page.getByText('Poet', { exact: true }))
      .first(),
  ).toBeVisible();

  await page.goto('/chat');
  await page.getByRole('button', { name: /Choose the agent|^Agent: / }).click();
  await page.getByRole('menuitemradio', { name: /Poet/ }).click();
  await send(page, 'Speak.');
  await expect(thread(page)).toContainText('Well said.');
  expect(confab.model.calls.at(-1)?.body.system.map(({ text }) => text)).toContain('Answer in verse.');
});
