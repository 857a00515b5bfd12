import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProcess } from '../../api/testing/process.ts';
import { ask, expect, post, send, test, thread } from './confab.ts';

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
    // More than anybody does in a minute.
    for (let round = 0; round < 10; round += 1) {
      for (const address of [chat, `${server.url}/settings`, `${server.url}/admin/agents`]) {
        await page.goto(address);
        await expect(page.locator('h1:visible, h2:visible, [role=log]:visible').first()).toBeVisible();
      }
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
