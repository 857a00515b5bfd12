import { ask, expect, send, test, thread } from './confab.ts';

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

test('a form in a dialog asks before it gives up what was typed', async ({ page, admin }) => {
  expect(admin.name).toBe('Ada Admin');
  await page.goto('/admin/agents');
  await page.getByRole('button', { name: 'New agent' }).click();
  const form = page.getByRole('dialog', { name: 'New agent' });
  const question = page.getByRole('dialog', { name: 'Discard what you typed?' });
  await expect(form.getByLabel('Name')).toBeFocused();
  // There is nothing to lose yet.
  await page.keyboard.press('Escape');
  await expect(form).toHaveCount(0);

  await page.getByRole('button', { name: 'New agent' }).click();
  const field = form.getByLabel('Instructions');
  await field.fill('Answer in verse.');
  for (const close of [() => page.keyboard.press('Escape'), () => page.mouse.click(5, 300)]) {
    await close();
    await question.getByRole('button', { name: 'Keep editing' }).click();
    await expect(field).toBeFocused();
    await expect(field).toHaveValue('Answer in verse.');
  }
  await page.keyboard.press('Escape');
  await question.getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'New agent' })).toBeFocused();
});

test('another name and another default agent are seen at once where a chat is open', async ({
  page,
  confab,
  admin,
  context,
}) => {
  expect(admin.name).toBe('Ada Admin');
  const office = await context.newPage();
  await office.goto('/admin/agents');
  await page.goto('/chat');
  const picker = page.getByRole('button', { name: /Choose the agent|^Agent: / });
  await expect(picker).toHaveText('Claude');
  await send(page, 'Who are you?');
  await expect(thread(page)).toContainText('Well said.');
  await expect(thread(page).getByRole('article', { name: 'Claude' })).toBeVisible();

  const { agents } = await ask<{ agents: { id: string; name: string }[] }>(page, confab.url, '{ agents { id name } }');
  const idOf = (name: string) => agents.find((agent) => agent.name === name)?.id ?? '';
  const does = (words: string) => ask(page, confab.url, `mutation { ${words} { __typename } }`);
  await does(`updateAgent(input: { id: "${idOf('Claude')}", name: "Claudia" })`);
  await expect(thread(page).getByRole('article', { name: 'Claudia' })).toBeVisible();
  await expect(picker).toHaveText('Claudia');
  await expect(office.getByRole('listitem').filter({ hasText: 'Claudia' })).toBeVisible();

  await does(`setDefaultAgent(input: { id: "${idOf('Echo')}" })`);
  await expect(picker).toHaveText('Echo');
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toHaveAttribute('placeholder', /Echo/);
  await office.close();
  await does(`setDefaultAgent(input: { id: "${idOf('Claude')}" })`);
  await does(`updateAgent(input: { id: "${idOf('Claude')}", name: "Claude" })`);
});
