/** The page in Chromium: long answers while they are written, and chats of long answers when they are opened. */
import { join } from 'node:path';

import { type Browser, type CDPSession, chromium, type Locator, type Page } from '@playwright/test';

import { openConfab } from '../api/confab.ts';
import { db } from '../api/database/db.ts';
import type { Held } from '../api/testing/model-server.ts';
import { person, type Person } from '../api/testing/person.ts';
import { testServer } from '../api/testing/server.ts';
import { browserOnMachine } from '../scripts/browser.mjs';
import { longAnswer, longTable, withDefinitions } from './long-answers.ts';
import { type Measure, ms, percentile } from './measure.ts';
import { measureLongChat } from './page-long-chat.ts';

/** For development: `BENCH_PAGE_SHARE=0.2` streams a fifth of each answer. Opening is always measured in full. */
const SHARE = Number(process.env['BENCH_PAGE_SHARE'] ?? 1);
/** For development: `BENCH_PAGE_TRACES=/tmp` writes a trace with a profile there for each measure, to be opened in DevTools. */
const TRACES = process.env['BENCH_PAGE_TRACES'];
const TRACED = ['devtools.timeline', 'v8', 'toplevel', 'blink.user_timing'];
const TRACED_IN_DEPTH = ['devtools.timeline', 'v8.cpu_profiler', 'v8.gc'];
const STREAMED = Math.round(48_000 * SHARE);
const ROWS = Math.round(600 * SHARE);
const OPENED = 100_000;
const DRAFT = 90_000;
/** While nothing else happens. */
const IDLE_KEYS = 100;
const TOKENS_PER_SECOND = 100;
const CHARACTERS_PER_TOKEN = 4;
const KEY_EVERY_MS = 200;
/** Of no measure: a page that holds still for this long is broken. */
const PATIENCE_MS = 300_000;
const MEGABYTE = 2 ** 20;

interface Server {
  folder: string;
  meanwhile: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Each can be measured alone: `npm run bench -- page --only table`. */
const parts: Record<string, (server: Server, browser: Browser, reader: Person) => Promise<Measure[]>> = {
  stream: (_server, browser, reader) =>
    measureStreaming(browser, reader, `${kilobytes(STREAMED)} answer`, longAnswer(STREAMED)),
  definitions: (_server, browser, reader) =>
    measureStreaming(browser, reader, 'The same text with `[x]:` in it', withDefinitions(longAnswer(STREAMED))),
  table: (_server, browser, reader) => measureStreaming(browser, reader, `A table of ${ROWS} rows`, longTable(ROWS)),
  draft: (_server, browser, reader) => measureDraft(browser, reader),
  'open-50': (server, browser, reader) => measureOpening(server, browser, reader, 50),
  'open-5': (server, browser, reader) => measureOpening(server, browser, reader, 5),
  'long-chat': (server, browser, reader) =>
    measureLongChat({ ...server, reader, open: () => openPage(browser, reader), memoryOf }),
};

export const pageParts = Object.keys(parts);

export async function measurePage(server: Server, only: readonly string[]): Promise<Measure[]> {
  const ann = await person('ann');
  const browser = await launch();
  const measures: Measure[] = [];
  try {
    for (const [name, measure] of Object.entries(parts))
      if (only.length === 0 || only.includes(name)) measures.push(...(await measure(server, browser, ann)));
    return measures;
  } finally {
    await browser.close();
  }
}

function launch(): Promise<Browser> {
  const executablePath = browserOnMachine();
  return chromium.launch({
    ...(executablePath && { executablePath }),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--enable-precise-memory-info'],
  });
}

async function openPage(browser: Browser, { email, password }: Person): Promise<Page> {
  const { url } = testServer();
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    colorScheme: 'dark',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.addInitScript(watchPage);
  const signedIn = await context.request.post(`${url}/api/auth/sign-in/email`, {
    data: { email, password },
    headers: { origin: url },
  });
  if (!signedIn.ok()) throw new Error(await signedIn.text());
  return page;
}

interface Watched {
  longTasks: number[];
  /** From a key's press to the frame that shows it. */
  keys: number[];
}

/** Runs in the page. */
function watchPage() {
  const watched: Watched = { longTasks: [], keys: [] };
  Object.assign(window, { watched });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.longTasks.push(duration);
  }).observe({ type: 'longtask' });
  addEventListener(
    'keydown',
    ({ timeStamp }) => {
      // A task that is queued in a frame runs after that frame was painted.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener('message', () => watched.keys.push(performance.now() - timeStamp));
        port1.start();
        port2.postMessage(null);
      });
    },
    { capture: true },
  );
}

function readWatched(page: Page): Promise<Watched> {
  return page.evaluate(() => (window as unknown as { watched: Watched }).watched);
}

function clearWatched(page: Page): Promise<void> {
  return page.evaluate(() => {
    const { watched } = window as unknown as { watched: Watched };
    watched.longTasks.length = 0;
    watched.keys.length = 0;
  });
}

/** Does what is measured, and writes a trace of it where traces are asked for. */
async function traced<T>(page: Page, name: string, work: () => Promise<T>): Promise<T> {
  const browser = page.context().browser();
  if (!TRACES || !browser) return work();
  const categories = [...TRACED, ...TRACED_IN_DEPTH.map((each) => `disabled-by-default-${each}`)];
  await browser.startTracing(page, { path: join(TRACES, `${name.replaceAll(/\W+/g, '-')}.json`), categories });
  try {
    return await work();
  } finally {
    await browser.stopTracing();
  }
}

async function measureStreaming(browser: Browser, reader: Person, what: string, text: string): Promise<Measure[]> {
  const page = await openPage(browser, reader);
  const held = await startAnswer(page);
  await clearWatched(page);

  await traced(page, what, async () => {
    const typing = typeUntilStopped(page);
    await writeAtSpeed(text, (piece) => held.write(piece));
    held.end();
    await page.locator('[role=log][aria-busy=false] article').last().waitFor();
    await typing.stop();
  });
  const { longTasks, keys } = await readWatched(page);
  await page.context().close();
  return [
    longTasksOf(`${what}, streamed at ${TOKENS_PER_SECOND} tokens a second`, longTasks),
    typingOf('Meanwhile, from a key to the frame that shows it', keys),
  ];
}

/** Sends a message in a new chat, and waits until the model has it. */
async function startAnswer(page: Page): Promise<Held> {
  const { url, model } = testServer();
  const held = model.hold();
  await page.goto(`${url}/chat/new`);
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Write at length.');
  await page.locator('button[type=submit][aria-disabled=false]').waitFor();
  await page.keyboard.press('Enter');
  held.begin();
  await held.arrived;
  await page.waitForURL(/Chat_/);
  return held;
}

/** Keys into a message that is nearly as long as one may be: while nothing happens, and while an answer is written. */
async function measureDraft(browser: Browser, reader: Person): Promise<Measure[]> {
  const what = `A draft of ${kilobytes(DRAFT)}`;
  const idle = await openPage(browser, reader);
  await idle.goto(`${testServer().url}/chat/new`);
  const box = await fillDraft(idle);
  const atEnd = await traced(idle, `${what}, typed at its end`, () => typeIdly(idle));
  await box.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(0, 0));
  const atStart = await traced(idle, `${what}, typed at its start`, () => typeIdly(idle));
  await idle.context().close();

  const page = await openPage(browser, reader);
  const held = await startAnswer(page);
  await fillDraft(page);
  await clearWatched(page);
  await traced(page, `${what}, typed beside an answer`, async () => {
    const typing = typeUntilStopped(page);
    await writeAtSpeed(longAnswer(STREAMED / 2), (piece) => held.write(piece));
    held.end();
    await page.locator('[role=log][aria-busy=false] article').last().waitFor();
    await typing.stop();
  });
  const { keys } = await readWatched(page);
  await page.context().close();
  return [
    typingOf(`${what}: from a key at its end to the frame that shows it`, atEnd),
    typingOf(`${what}: from a key at its start to the frame that shows it`, atStart),
    typingOf(`${what}: the same at its end while an answer is written at ${TOKENS_PER_SECOND} tokens a second`, keys),
  ];
}

async function fillDraft(page: Page): Promise<Locator> {
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await box.fill(longAnswer(DRAFT).slice(0, DRAFT));
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  return box;
}

async function typeIdly(page: Page): Promise<number[]> {
  await clearWatched(page);
  for (let count = 0; count < IDLE_KEYS; count += 1) {
    await page.keyboard.press(count % 6 === 5 ? 'Space' : 'a');
    await pause(KEY_EVERY_MS);
  }
  return (await readWatched(page)).keys;
}

async function writeAtSpeed(text: string, write: (piece: string) => void): Promise<void> {
  const began = performance.now();
  for (let written = 0; written < text.length;) {
    const due = Math.ceil(((performance.now() - began) / 1000) * TOKENS_PER_SECOND) * CHARACTERS_PER_TOKEN;
    for (; written < Math.min(due, text.length); written += CHARACTERS_PER_TOKEN)
      write(text.slice(written, written + CHARACTERS_PER_TOKEN));
    await pause(1000 / TOKENS_PER_SECOND);
  }
}

/** A key every so often, until it is stopped. */
function typeUntilStopped(page: Page): { stop: () => Promise<void> } {
  const stopped = new AbortController();
  const typed = (async () => {
    for (let count = 0; !stopped.signal.aborted; count += 1) {
      await page.keyboard.press(count % 6 === 5 ? 'Space' : 'a');
      await pause(KEY_EVERY_MS);
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await typed;
    },
  };
}

function longTasksOf(what: string, tasks: readonly number[]): Measure {
  const total = tasks.reduce((sum, duration) => sum + duration, 0);
  const result =
    tasks.length === 0 ? 'none' : `${tasks.length}, longest ${ms(Math.max(...tasks))}, ${ms(total)} in all`;
  return { what: `${what}: tasks over 50 ms`, result, goal: 'none', isMet: tasks.length === 0 };
}

function typingOf(what: string, keys: readonly number[]): Measure {
  const [p50, p95] = [percentile(keys, 0.5), percentile(keys, 0.95)];
  return {
    what,
    result: `p50 ${ms(p50)}, p95 ${ms(p95)} (${keys.length} keys)`,
    goal: 'p95 ≤ 50 ms',
    isMet: p95 <= 50,
  };
}

/** Answers of 100 KB, by two agents in turn so that each stands for itself, all within one page of messages. */
async function writeChat(reader: Person, count: number): Promise<string> {
  const { id: userId } = await db.user.findUniqueOrThrow({ where: { email: reader.email } });
  const agents = await db.agent.findMany({ take: 2, orderBy: { handle: 'asc' } });
  const { id: chatId } = await db.chat.create({ data: { createdById: userId, members: { create: { userId } } } });
  const rows = Array.from({ length: count }, (_, index) => ({ id: crypto.randomUUID(), seq: index + 1 }));
  for (const [index, { id, seq }] of rows.entries()) {
    const content = `${longAnswer(OPENED)}\n\n**The end of answer ${seq}.**`;
    await db.message.create({
      data: {
        id,
        chatId,
        seq,
        parentId: rows[index - 1]?.id ?? null,
        role: 'ASSISTANT',
        agentId: agents[index % agents.length]?.id ?? null,
        content,
        parts: [{ kind: 'TEXT', text: content }],
        revision: seq,
      },
    });
  }
  await db.chat.update({ where: { id: chatId }, data: { revision: count, headId: rows.at(-1)?.id ?? null } });
  return `Chat_${chatId}`;
}

async function measureOpening(
  { folder, meanwhile }: Server,
  browser: Browser,
  reader: Person,
  count: number,
): Promise<Measure[]> {
  const chatId = await meanwhile(async () => {
    const confab = await openConfab({ database: { folder } });
    const written = await writeChat(reader, count);
    await confab.close(0);
    return written;
  });
  const what = `A chat of ${count} answers of ${kilobytes(OPENED)}`;
  const page = await openPage(browser, reader);
  const devTools = await page.context().newCDPSession(page);
  await page.goto(`${testServer().url}/chat/new`);
  await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
  const time = await traced(page, `${what}, opened`, async () => {
    const began = performance.now();
    await page.goto(`${testServer().url}/chat/${chatId}`);
    await page.locator('strong', { hasText: `The end of answer ${count}.` }).waitFor({ timeout: PATIENCE_MS });
    // It is open when a key is answered again.
    await page.keyboard.press('a');
    await page.waitForFunction(() => (window as unknown as { watched: Watched }).watched.keys.length > 0, undefined, {
      timeout: PATIENCE_MS,
    });
    return performance.now() - began;
  });
  const { longTasks } = await readWatched(page);
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  const opened = await memoryOf(devTools);
  await clearWatched(page);
  await traced(page, `${what}, read`, () => scrollToStart(page));
  const read = await memoryOf(devTools);
  const tasks = (await readWatched(page)).longTasks;
  await page.context().close();
  return [
    {
      what: `${what}: until its end stands there and a key is answered`,
      result: `${ms(time)}, longest task ${ms(Math.max(0, ...longTasks))}`,
      goal: '≤ 2 s',
      isMet: time <= 2_000,
    },
    {
      what: `${what}: heap, opened and after reading back to its start`,
      result: `${opened.heap} MB and ${read.heap} MB (${opened.nodes} and ${read.nodes} nodes)`,
      goal: '≤ 200 MB',
      isMet: Math.max(opened.heap, read.heap) <= 200,
    },
    longTasksOf(`${what}: reading back to its start`, tasks),
  ];
}

/** As a reader with a wheel does, some ten screens at a time. */
async function scrollToStart(page: Page): Promise<void> {
  const thread = page.getByRole('log', { name: 'Conversation' });
  await page.mouse.move(700, 400);
  const top = () => thread.evaluate((element) => element.parentElement?.scrollTop ?? 0);
  while ((await top()) > 0) {
    await page.mouse.wheel(0, -9_000);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestIdleCallback(resolve))));
  }
}

async function memoryOf(devTools: CDPSession): Promise<{ heap: number; nodes: number }> {
  await devTools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devTools.send('Runtime.getHeapUsage');
  const { nodes } = await devTools.send('Memory.getDOMCounters');
  return { heap: Math.round(usedSize / MEGABYTE), nodes };
}

function kilobytes(length: number): string {
  return `${Math.round(length / 1000)} KB`;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
