/** A whole server for a test file: its own database, its own port, and its own model to script. */
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, inject } from 'vitest';

import { type Confab, type ConfabOptions, openConfab } from '../confab.ts';
import type { DatabasePlace } from '../database/db.ts';
import { makeHttpHandler } from '../http/handler.ts';
import { createHttpServer } from '../http/listener.ts';
import { onServer } from './image.ts';
import { modelServer } from './model-server.ts';
import { useServerAt } from './server.ts';

export { testServer } from './server.ts';

interface TestSettings {
  hasKey?: boolean;
  hasOpenAi?: boolean;
  silenceMs?: number;
  abandonAfterMs?: number;
  /** Left out: `words`, so that no call for a title takes what was scripted for an answer. */
  chatTitles?: 'model' | 'words';
  /** Left out: off, since most tests are about something else. */
  changelog?: ConfabOptions['changelog'];
}

/**
 * At the top of a test file. The echo speaks without pauses; Claude is the default agent unless `hasKey` is false. With `hasOpenAi`
 * there is the Assistant too, which asks the same model in OpenAI's form. Returns what a process does with it that receives SIGTERM.
 */
export function useConfab(settings: TestSettings = {}): Pick<Confab, 'settle'> {
  const {
    hasKey = true,
    hasOpenAi = false,
    silenceMs = 60_000,
    abandonAfterMs,
    chatTitles = 'words',
    changelog = 'off',
  } = settings;
  const closers: (() => Promise<unknown>)[] = [];
  let confab: Confab;

  beforeAll(async () => {
    const model = await modelServer();
    closers.push(() => model.close());
    const database = await ownDatabase(closers);
    confab = await openConfab({
      database,
      secret: 'a secret for tests, long enough to be one',
      abandonAfterMs,
      chatTitles,
      changelog,
      providers: {
        anthropic: {
          apiKey: hasKey ? 'a key for tests' : undefined,
          baseUrl: model.url,
          model: 'claude-test',
          silenceMs,
        },
        openai: {
          apiKey: undefined,
          baseUrl: hasOpenAi ? `${model.url}/v1` : undefined,
          model: 'gpt-test',
          silenceMs,
        },
        echo: { delayMs: 0 },
      },
    });
    closers.push(() => confab.close(0));
    const server = createHttpServer(makeHttpHandler());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    useServerAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, model);
  });

  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  return { settle: (graceMs) => confab.settle(graceMs) };
}

async function ownDatabase(closers: (() => Promise<unknown>)[]): Promise<DatabasePlace> {
  const image = inject('image');
  if ('file' in image) return { image: new Blob([await readFile(image.file)]) };

  const name = `confab_test_${crypto.randomUUID().replaceAll('-', '')}`;
  await onServer(image.url, `CREATE DATABASE ${name} TEMPLATE ${image.template}`);
  closers.push(() => onServer(image.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  const place = new URL(image.url);
  place.pathname = `/${name}`;
  return { url: place.href };
}
