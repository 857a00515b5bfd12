import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { says } from '../../api/testing/model-server.ts';
import { startProcess } from '../../api/testing/process.ts';
import { ask, expect, post, send, test, thread } from './confab.ts';

test(
  'an answer that the server died over keeps its words, says why in both languages, and can be asked for again',
  { tag: '@long' },
  async ({ page, confab }) => {
    test.slow();
    const settings = {
      DATA_DIR: await mkdtemp(join(tmpdir(), 'confab-dying-')),
      ANTHROPIC_API_KEY: 'a key for tests',
      ANTHROPIC_BASE_URL: confab.model.url,
      LOG_LEVEL: 'debug',
    };
    let server = await startProcess(settings);
    try {
      const { url } = server;
      const ann = { name: 'Ann Lee', email: 'ann@example.org', password: 'correct horse battery' };
      await post(page.request, url, '/api/auth/sign-up/email', ann);
      const held = confab.model.hold();
      await page.goto(`${url}/chat`);
      await send(page, 'Tell me all.');
      held.begin().write('Half an ans');
      await expect(thread(page)).toContainText('Half an ans');
      await server.says(/Checkpoint written/);
      await server.kill('SIGKILL');
      await expect(page.getByText('The connection was cut. Reconnecting…')).toBeVisible();
      server = await startProcess({ ...settings, PORT: new URL(url).port });

      const answer = thread(page).getByRole('article').last();
      await expect(answer).toContainText('The answer was interrupted by a restart of the server.', { timeout: 20_000 });
      await expect(answer).toContainText('Half an ans');
      await expect(answer.getByRole('button', { name: 'Retry' })).toBeVisible();
      await expect(answer.getByRole('button', { name: 'Continue' })).toBeVisible();

      await ask(page, url, 'mutation { updatePreferences(input: { locale: RU }) { __typename } }');
      await page.reload();
      const log = page.getByRole('log');
      await expect(log).toContainText('Ответ прервался из-за перезапуска сервера.');
      await expect(log).toContainText('Half an ans');
      confab.model.next(says('All of it.'));
      await log.getByRole('button', { name: 'Повторить' }).click();
      await expect(log.getByText('All of it.', { exact: true })).toBeVisible();
      await expect(log).toHaveAttribute('aria-busy', 'false');
    } finally {
      await server.kill('SIGKILL');
      await rm(settings.DATA_DIR, { recursive: true, force: true });
    }
  },
);
