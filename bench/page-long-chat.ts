/** A chat of 2,000 messages in Chromium: read to its beginning, left for the newest, and while an answer is written. */
import type { CDPSession, Page } from '@playwright/test';

import { openConfab } from '../api/confab.ts';
import { db } from '../api/database/db.ts';
import type { Person } from '../api/testing/person.ts';
import { testServer } from '../api/testing/server.ts';
import { longAnswer } from './long-answers.ts';
import { type Measure, ms } from './measure.ts';

const MESSAGES = 2_000;
const WRITTEN_MS = 10_000;
const TOKENS_PER_SECOND = 20;

interface LongChatBench {
  folder: string;
  reader: Person;
  meanwhile: <T>(work: () => Promise<T>) => Promise<T>;
  open: () => Promise<Page>;
  memoryOf: (devTools: CDPSession) => Promise<{ heap: number; nodes: number }>;
}

export async function measureLongChat(bench: LongChatBench): Promise<Measure[]> {
  const chatId = await bench.meanwhile(async () => {
    const confab = await openConfab({ database: { folder: bench.folder } });
    const id = await writeChat(bench.reader);
    await confab.close(0);
    return id;
  });
  const page = await bench.open();
  const devTools = await page.context().newCDPSession(page);
  await page.goto(`${testServer().url}/chat/${chatId}`);
  await page.getByText(`The end of message ${MESSAGES}.`).waitFor();
  await readToStart(page);
  const elements = await page.evaluate(() => document.querySelectorAll('*').length);
  const { heap } = await bench.memoryOf(devTools);
  const jump = await measureJump(page);
  const frames = await measureFrames(page);
  await page.context().close();
  const what = `A chat of ${MESSAGES} messages, read to its beginning`;
  return [
    { what: `${what}: elements`, result: String(elements), goal: '≤ 8,000', isMet: elements <= 8_000 },
    { what: `${what}: heap`, result: `${heap} MB`, goal: '≤ 120 MB', isMet: heap <= 120 },
    { what: `${what}: jump to the newest`, result: ms(jump), goal: '≤ 100 ms', isMet: jump <= 100 },
    {
      what: `${what}: frames while an answer is written at ${TOKENS_PER_SECOND} tokens a second`,
      result: `${frames.toFixed(1)} a second`,
      goal: '≥ 55',
      isMet: frames >= 55,
    },
  ];
}

/** As a reader with a wheel does, whose pages load on the way. */
async function readToStart(page: Page): Promise<void> {
  await page.mouse.move(700, 400);
  const first = page.getByText('The end of message 1.');
  while ((await first.count()) === 0) {
    await page.mouse.wheel(0, -3_000);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestIdleCallback(resolve))));
  }
}

/** From the click to the frame that shows the newest message. */
function measureJump(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const began = performance.now();
    document.querySelector<HTMLElement>('[aria-label="Jump to the newest"]')?.click();
    await new Promise(requestAnimationFrame);
    // A task that is queued in a frame runs after that frame was painted.
    await new Promise((resolve) => {
      setTimeout(resolve);
    });
    const time = performance.now() - began;
    const last = [...document.querySelectorAll('[data-message]')].at(-1);
    const isInView = !!last && last.getBoundingClientRect().top < innerHeight;
    if (!isInView) throw new Error('The newest message is not in view.');
    return time;
  });
}

async function measureFrames(page: Page): Promise<number> {
  const held = testServer().model.hold();
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Go on.');
  await page.locator('button[type=submit][aria-disabled=false]').waitFor();
  await page.keyboard.press('Enter');
  held.begin();
  await held.arrived;
  const counting = page.evaluate(async (duration) => {
    const began = performance.now();
    let frames = 0;
    for (; performance.now() - began < duration; frames += 1) await new Promise(requestAnimationFrame);
    return (frames * 1_000) / (performance.now() - began);
  }, WRITTEN_MS);
  const stopped = new AbortController();
  const written = (async () => {
    for (let word = 1; !stopped.signal.aborted; word += 1) {
      held.write(word % 40 === 0 ? `word ${word}.\n\n` : `word ${word} `);
      await new Promise((resolve) => {
        setTimeout(resolve, 1_000 / TOKENS_PER_SECOND);
      });
    }
  })();
  const frames = await counting;
  stopped.abort();
  await written;
  held.end();
  await page.locator('[role=log][aria-busy=false]').waitFor();
  return frames;
}

/** Short questions and answers of some 1,000 characters of Markdown in turn. */
async function writeChat(reader: Person): Promise<string> {
  const { id: userId } = await db.user.findUniqueOrThrow({ where: { email: reader.email } });
  const agent = await db.agent.findFirstOrThrow({ orderBy: { handle: 'asc' } });
  const { id: chatId } = await db.chat.create({ data: { createdById: userId, members: { create: { userId } } } });
  const ids = Array.from({ length: MESSAGES }, () => crypto.randomUUID());
  const rows = ids.map((id, index) => {
    const seq = index + 1;
    const isQuestion = seq % 2 === 1;
    const content = isQuestion
      ? `A question. The end of message ${seq}.`
      : `${answer(seq)}\n\nThe end of message ${seq}.`;
    return {
      id,
      chatId,
      seq,
      parentId: ids[index - 1] ?? null,
      role: isQuestion ? ('USER' as const) : ('ASSISTANT' as const),
      ...(isQuestion ? { authorId: userId } : { agentId: agent.id }),
      content,
      parts: [{ kind: 'TEXT', text: content }],
      revision: seq,
    };
  });
  await db.message.createMany({ data: rows });
  await db.chat.update({ where: { id: chatId }, data: { revision: MESSAGES, headId: ids.at(-1) ?? null } });
  return `Chat_${chatId}`;
}

function answer(seq: number): string {
  return longAnswer(1_000).replace('Part 1', `Part ${seq}`);
}
