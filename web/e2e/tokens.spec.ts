import type { APIRequestContext } from '@playwright/test';

import { ask, expect, test } from './confab.ts';
import { expectSound } from './sound.ts';

async function askWith(
  request: APIRequestContext,
  url: string,
  secret: string,
): Promise<{ status: number; body: unknown }> {
  const response = await request.post(`${url}/graphql`, {
    headers: { authorization: `Bearer ${secret}` },
    data: { query: '{ chats(first: 5) { nodes { title } } }' },
  });
  return { status: response.status(), body: await response.json() };
}

test('a token is made, copied once, used and revoked', async ({ page, confab, ann, playwright }) => {
  expect(ann.name).toBe('Ann Lee');
  for (const title of ['For the script', 'Not for it'])
    await ask(page, confab.url, `mutation { createChat(input: { title: "${title}" }) { __typename } }`);
  await page.goto('/settings');
  await page.getByRole('link', { name: 'Manage tokens' }).click();
  await expect(page.getByText('You have no tokens.')).toBeVisible();

  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog', { name: 'New token' });
  await dialog.getByLabel('Name').fill('Backup script');
  await dialog.getByRole('button', { name: 'Make token' }).click();
  await expect(dialog.getByText('Choose at least one.')).toBeVisible();
  // An administrator alone is offered what only one may do.
  await expect(dialog.getByRole('checkbox', { name: /Administer/ })).toHaveCount(0);
  await dialog.getByRole('checkbox', { name: /^Read chats/ }).check();
  await dialog.getByRole('radio', { name: 'Only these' }).check({ force: true });
  await dialog.getByRole('checkbox', { name: 'For the script' }).check();
  await dialog.getByRole('button', { name: 'Make token' }).click();

  const secret = await page.getByRole('textbox', { name: 'Token' }).inputValue();
  expect(secret).toMatch(/^confab_[0-9A-Za-z]{40}$/);
  const row = page.getByRole('listitem').filter({ hasText: 'Backup script' });
  await expect(row).toContainText('Read chats');
  await expect(row).toContainText('Only “For the script”');
  await expect(row).toContainText('never used');

  const program = await playwright.request.newContext();
  expect(await askWith(program, confab.url, secret)).toEqual({
    status: 200,
    body: { data: { chats: { nodes: [{ title: 'For the script' }] } } },
  });
  await page.reload();
  await expect(row).toContainText(/last used .* from 127\.0\.0\.1/);
  await expect(page.getByRole('textbox', { name: 'Token' })).toHaveCount(0);

  await row.getByRole('button', { name: 'Revoke Backup script' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(page.getByText('“Backup script” was revoked.')).toBeVisible();
  await expect(row).toHaveCount(0);
  expect((await askWith(program, confab.url, secret)).status).toBe(401);
  await program.dispose();
});

const looks = [
  { width: 1440, height: 900, locale: 'EN', theme: 'DARK', make: 'New token' },
  { width: 390, height: 844, locale: 'RU', theme: 'LIGHT', make: 'Новый токен' },
];

for (const { width, height, locale, theme, make } of looks) {
  test(`the page of tokens, ${width} wide, ${locale}`, async ({ page, confab, admin }, testInfo) => {
    expect(admin.name).toBe('Ada Admin');
    await page.setViewportSize({ width, height });
    const preferences = `mutation { updatePreferences(input: { locale: ${locale}, theme: ${theme} }) { __typename } }`;
    await ask(page, confab.url, preferences);
    for (const name of ['Backup script', 'A program with quite a long name that does many things in many rooms'])
      await ask(
        page,
        confab.url,
        `mutation { createApiToken(input: { name: "${name}", scopes: [READ_CHATS, WRITE_CHATS, RUN_AGENTS, MANAGE_ROOMS] }) { __typename } }`,
      );
    await page.goto('/settings/tokens');
    await page.getByRole('listitem').first().waitFor();
    const shoot = async (name: string) => {
      await expectSound(page, { where: name });
      await testInfo.attach(name, {
        body: await page.screenshot({ path: testInfo.outputPath(`${name}.png`) }),
        contentType: 'image/png',
      });
    };
    await shoot('list');
    await page.getByRole('button', { name: make }).click();
    await page.getByRole('dialog').waitFor();
    await shoot('dialog');
    await page.getByRole('dialog').getByRole('textbox').fill('A new one');
    await page.getByRole('checkbox').first().check();
    await page.getByRole('dialog').locator('button[type=submit]').click();
    await page.locator('input[readonly]').waitFor();
    await shoot('made');
    await ask(page, confab.url, 'mutation { updatePreferences(input: { locale: EN, theme: SYSTEM }) { __typename } }');
  });
}

test('the page calls itself confab-web in its requests to the API, its stream among them', async ({ page, ann }) => {
  expect(ann.name).toBe('Ann Lee');
  const names = new Map<string, string | undefined>();
  page.on('request', (request) => {
    const { accept = '', 'x-client-name': name } = request.headers();
    if (new URL(request.url()).pathname === '/graphql') names.set(accept, name);
  });
  await page.goto('/chat');
  await expect.poll(() => names.get('text/event-stream')).toBe('confab-web');
  expect(names.size).toBeGreaterThan(1);
  expect(new Set(names.values())).toEqual(new Set(['confab-web']));
});
