/** What every browser test has: a server of its worker's own with a model to script, and people who are signed in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type APIRequestContext, test as base, expect, type Page } from '@playwright/test';

import { type ModelServer, modelServer, says } from '../../api/testing/model-server.ts';
import { type ConfabProcess, startProcess } from '../../api/testing/process.ts';

export { expect } from '@playwright/test';

export interface TestConfab {
  readonly url: string;
  readonly model: ModelServer;
  /** The only one who may see the administrator's pages. */
  readonly admin: Account;
}

export interface Account {
  name: string;
  email: string;
  password: string;
}

interface WorkerThings {
  confab: TestConfab;
}

interface TestThings {
  /** Signed in on `page`, at no page yet. */
  ann: Account;
  /** The administrator, signed in on `page`, at no page yet. */
  admin: Account;
}

export const test = base.extend<TestThings, WorkerThings>({
  confab: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'confab-e2e-'));
      const model = await modelServer();
      const server: ConfabProcess = await startProcess({
        DATA_DIR: folder,
        ANTHROPIC_API_KEY: 'a key for tests',
        ANTHROPIC_BASE_URL: model.url,
      });
      const admin = { name: 'Ada Admin', email: 'ada@example.org', password: 'correct horse battery' };
      const response = await fetch(`${server.url}/api/auth/sign-up/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: server.url },
        body: JSON.stringify(admin),
      });
      if (!response.ok) throw new Error(await response.text());
      await use({ url: server.url, model, admin });
      await server.kill('SIGKILL');
      await model.close();
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  baseURL: ({ confab }, use) => use(confab.url),

  page: async ({ page, confab }, use) => {
    confab.model.otherwise(says('Well said.'));
    const faults = watch(page);
    await use(page);
    expect(faults, 'The console is to stay empty.').toEqual([]);
  },

  ann: async ({ page, confab }, use) => {
    const ann = { name: 'Ann Lee', email: `ann-${crypto.randomUUID()}@example.org`, password: 'correct horse battery' };
    await post(page.request, confab.url, '/api/auth/sign-up/email', ann);
    await use(ann);
  },

  admin: async ({ page, confab }, use) => {
    await post(page.request, confab.url, '/api/auth/sign-in/email', confab.admin);
    await use(confab.admin);
  },
});

/** Errors, rejections and what the page asks of anybody but its own server. */
function watch(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // A refusal that the page says in words, or a connection that a test cuts, is also a line in the console.
    if (message.text().startsWith('Failed to load resource')) return;
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') faults.push(`request: ${request.url()}`);
  });
  return faults;
}

export async function post(request: APIRequestContext, url: string, path: string, data: object): Promise<unknown> {
  const response = await request.post(url + path, { data, headers: { origin: url } });
  if (!response.ok()) throw new Error(`${path}: ${response.status()} ${await response.text()}`);
  return response.json();
}

/** A query as the person signed in on the page. */
export async function ask<Data>(page: Page, url: string, query: string, variables: object = {}): Promise<Data> {
  const { data, errors } = (await post(page.request, url, '/graphql', { query, variables })) as {
    data: Data;
    errors?: object[];
  };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Types a message and sends it with Enter, as soon as it can be sent: not before the answer that is seen has come to its end. */
export async function send(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill(text);
  await page.locator('button[type=submit][aria-disabled=false]').waitFor();
  await page.keyboard.press('Enter');
}

export function thread(page: Page) {
  return page.getByRole('log', { name: 'Conversation' });
}
