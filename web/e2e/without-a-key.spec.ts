import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProcess } from '../../api/testing/process.ts';
import { expect, send, test, thread } from './confab.ts';

test('without a key an echo answers, says how to set one, and outlives a reload', async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), 'confab-keyless-'));
  const server = await startProcess({ DATA_DIR: folder, ECHO_DELAY_MS: '40' });
  try {
    await page.goto(`${server.url}/sign-up`);
    await page.getByLabel('Name').fill('Grace Hopper');
    await page.getByLabel('Email').fill('grace@example.org');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign up' }).click();
    await expect(page.getByRole('note')).toContainText('Set ANTHROPIC_API_KEY in .env');

    // At 40 ms each, long enough for a reload in the middle.
    const words = `hello ${Array.from({ length: 60 }, (_, index) => `w${index}`).join(' ')}`;
    await send(page, words);
    const answer = thread(page).getByRole('article').last();
    await expect(answer).toContainText('hello w0');
    await expect(thread(page)).toHaveAttribute('aria-busy', 'true');
    await expect(answer).not.toContainText('w59', { timeout: 1 });
    await page.reload();
    await expect(thread(page)).toHaveAttribute('aria-busy', 'false');
    await expect(thread(page).getByRole('article')).toHaveCount(2);
    await expect(answer).toContainText(words);
    await expect(page.getByRole('note')).toBeVisible();
  } finally {
    await server.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});
