/** What the whole program shows from outside: its start, what a browser loads of it, and what it keeps of readers that hang up. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { chromium } from '@playwright/test';
import { print } from 'graphql';

import { openConfab } from '../api/confab.ts';
import { log } from '../api/log.ts';
import { makeHttpHandler } from '../api/http/handler.ts';
import { runReaderCount } from '../api/run-events/read.ts';
import { openTextCount } from '../api/texts/texts.ts';
import { RunEvents } from '../api/testing/documents.ts';
import { modelServer } from '../api/testing/model-server.ts';
import { person } from '../api/testing/person.ts';
import { startProcess } from '../api/testing/process.ts';
import { testServer, useServerAt } from '../api/testing/server.ts';
import { browserOnMachine } from '../scripts/browser.mjs';
import { type Measure, ms, percentile } from './measure.ts';

export async function measureStart(folder: string): Promise<Measure> {
  const times: number[] = [];
  for (let index = 0; index < 5; index += 1) {
    const began = performance.now();
    const confab = await startProcess({ DATA_DIR: folder });
    times.push(performance.now() - began);
    await confab.kill('SIGTERM');
  }
  const slowest = Math.max(...times);
  return {
    what: 'Start on an existing data folder, until the address is printed',
    result: `p50 ${ms(percentile(times, 0.5))}, slowest ${ms(slowest)}`,
    goal: '≤ 3 s',
    isMet: slowest <= 3_000,
  };
}

/** All the JavaScript that a browser asks for until a signed-in person sees their chats. */
export async function measureWeight(): Promise<Measure> {
  const ann = await person('ann');
  const { url } = testServer();
  const executablePath = browserOnMachine();
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage();
    const scripts = new Set<string>();
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.endsWith('.js')) scripts.add(pathname);
    });
    await page.context().request.post(`${url}/api/auth/sign-in/email`, {
      data: { email: ann.email, password: ann.password },
      headers: { origin: url },
    });
    await page.goto(`${url}/chat`);
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    // The feed stays open, so that the network is never idle: what comes late by itself has come by then.
    await page.waitForTimeout(2_000);
    const files = await Promise.all([...scripts].map((path) => readFile(join('web/dist', path))));
    const kilobytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0) / 1000;
    return {
      what: 'JavaScript of the first load, gzipped',
      result: `${kilobytes.toFixed(0)} kB`,
      goal: '≤ 200 kB',
      isMet: kilobytes <= 200 && files.length > 0,
    };
  } finally {
    await browser.close();
  }
}

const DROPS = 1_000;

/** In this process, where the readers can be counted. */
export async function measureDrops(): Promise<Measure> {
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  const model = await modelServer();
  log.level = 'warn';
  const confab = await openConfab({
    database: { folder },
    chatTitles: 'words',
    providers: {
      anthropic: { apiKey: 'key', baseUrl: model.url, model: 'claude-bench', silenceMs: 60_000 },
      openai: { apiKey: undefined, baseUrl: undefined, model: 'gpt-bench', silenceMs: 60_000 },
      echo: { delayMs: 0 },
    },
  });
  const server = createServer(makeHttpHandler());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  useServerAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, model);
  try {
    return await dropReaders();
  } finally {
    server.closeAllConnections();
    server.close();
    await confab.close(0);
    await model.close();
    await rm(folder, { recursive: true });
  }
}

async function dropReaders(): Promise<Measure> {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { run } = await ann.sends('Hold on.');
  held.begin();
  await held.arrived;
  const times: number[] = [];
  for (let index = 0; index < DROPS; index += 1) {
    const controller = new AbortController();
    const answer = await fetch(`${testServer().url}/graphql`, {
      method: 'POST',
      headers: { ...ann.headers, accept: 'text/event-stream' },
      body: JSON.stringify({ query: print(RunEvents), variables: { runId: run.id, from: 0 } }),
      signal: controller.signal,
    });
    await answer.body?.getReader().read();
    while (runReaderCount() === 0) await turn();
    const began = performance.now();
    controller.abort();
    while (runReaderCount() > 0) await turn();
    times.push(performance.now() - began);
  }
  const left = openTextCount() - 1;
  held.end();
  const p95 = percentile(times, 0.95);
  return {
    what: `A reader hangs up, ${DROPS} times: until its iterator is closed`,
    result: `p50 ${ms(percentile(times, 0.5))}, p95 ${ms(p95)}, slowest ${ms(Math.max(...times))}; ${runReaderCount()} readers and ${left} texts left`,
    goal: '≤ 100 ms, none left',
    isMet: Math.max(...times) <= 100 && runReaderCount() === 0 && left === 0,
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
