import { ask, expect, send, test, thread } from './confab.ts';

test('the administrator edits the context, and the next answer shows the new version', async ({
  page,
  confab,
  admin,
}) => {
  expect(admin.name).toBe('Ada Admin');
  const { primaryContext } = await ask<{ primaryContext: { version: number } }>(
    page,
    confab.url,
    '{ primaryContext { version } }',
  );
  const next = primaryContext.version + 1;

  await page.goto('/admin/context');
  await page.getByRole('textbox', { name: 'Context text' }).fill('Speak like a pirate.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText(`Saved as version ${next}.`)).toBeVisible();

  await page.goto('/chat');
  await send(page, 'Ahoy?');
  await expect(thread(page)).toContainText('Well said.');
  await page.getByRole('button', { name: 'What the AI saw' }).first().click();
  const inspector = page.getByRole('complementary', { name: 'What the AI saw' });
  await expect(inspector).toContainText('Primary context');
  await expect(inspector).toContainText(`version ${next}`);
  await expect(inspector).toContainText('claude-sonnet-5-5');
  expect(confab.model.calls.at(-1)?.body.system[0]?.text).toBe('Speak like a pirate.');
});

test('history shows what changed, and an old version comes back as a new one', async ({ page, confab, admin }) => {
  expect(admin.name).toBe('Ada Admin');
  await page.goto('/admin/context');
  const editor = page.getByRole('textbox', { name: 'Context text' });
  await editor.fill('שלום');
  await expect(editor).toHaveCSS('direction', 'rtl');
  for (const text of ['Be brief.\nBe kind.', 'Be brief.\nBe honest.']) {
    await editor.fill(text);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText(/Saved as version \d+\./).last()).toBeVisible();
    await expect(page.getByText('Unsaved changes')).toBeHidden();
  }
  const { primaryContext } = await ask<{ primaryContext: { version: number } }>(
    page,
    confab.url,
    '{ primaryContext { version } }',
  );
  await page.getByRole('button', { name: new RegExp(`Version ${primaryContext.version - 1}\\b`) }).click();
  await expect(page.getByText('Be kind.').first()).toBeVisible();
  await page.getByRole('button', { name: 'Restore this version' }).click();
  await expect(editor).toHaveValue('Be brief.\nBe kind.');
  await page.reload();
  await expect(editor).toHaveValue('Be brief.\nBe kind.');
});

test('unsaved changes are not lost without a warning', async ({ page, admin }) => {
  expect(admin.name).toBe('Ada Admin');
  await page.goto('/admin/context');
  await page.getByRole('textbox', { name: 'Context text' }).fill('Not saved yet');
  await page.getByRole('link', { name: 'Agents', exact: true }).click();
  const dialog = page.getByRole('alertdialog').or(page.getByRole('dialog'));
  await expect(dialog).toContainText('Leave without saving?');
  await dialog.getByRole('button', { name: 'Stay' }).click();
  await expect(page.getByRole('textbox', { name: 'Context text' })).toHaveValue('Not saved yet');
  await page.getByRole('link', { name: 'Agents', exact: true }).click();
  await dialog.getByRole('button', { name: 'Leave' }).click();
  await expect(page).toHaveURL(/admin\/agents/);
});

test('of two who write at once, the second sees the first one’s text', async ({ page, confab, admin }) => {
  expect(admin.name).toBe('Ada Admin');
  await page.goto('/admin/context');
  const editor = page.getByRole('textbox', { name: 'Context text' });
  await editor.fill('Mine');
  const { primaryContext } = await ask<{ primaryContext: { version: number } }>(
    page,
    confab.url,
    '{ primaryContext { version } }',
  );
  await ask(
    page,
    confab.url,
    'mutation ($input: UpdatePrimaryContextInput!) { updatePrimaryContext(input: $input) { __typename } }',
    {
      input: { content: 'Theirs', expectedVersion: primaryContext.version },
    },
  );
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Someone has saved another version meanwhile')).toBeVisible();
  await expect(page.getByText('Theirs').first()).toBeVisible();
  await page.getByRole('button', { name: 'Save mine over it' }).click();
  await expect(page.getByText('Someone has saved another version meanwhile')).toBeHidden();
  await page.reload();
  await expect(editor).toHaveValue('Mine');
});

test('a personal context goes with one’s own messages', async ({ page, confab, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  await page.goto('/settings');
  await page.getByRole('textbox', { name: 'Context text' }).fill('I am a botanist.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved as version 1.')).toBeVisible();
  await page.goto('/chat');
  await send(page, 'What is this plant?');
  await expect(thread(page)).toContainText('Well said.');
  expect(confab.model.calls.at(-1)?.body.system.at(-1)?.text).toBe('I am a botanist.');
});

test('the page stays when the session cannot be asked for after a save', async ({ page, admin }) => {
  expect(admin.name).toBe('Ada Admin');
  await page.goto('/admin/context');
  const editor = page.getByRole('textbox', { name: 'Context text' });
  await expect(editor).toBeVisible();
  // A saved version names its author, a row of the same type as the viewer: so the session is asked for again.
  const failed = page.waitForEvent('requestfailed', { timeout: 30_000 });
  await page.route('**/graphql', (route) =>
    route.request().postDataJSON().operationName === 'Session' ? route.abort() : route.fallback(),
  );
  await editor.fill('Kept on the page');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await failed;
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await expect(editor).toHaveValue('Kept on the page');
  await expect(page.getByText(/Saved as version \d+\./)).toBeVisible();
});
