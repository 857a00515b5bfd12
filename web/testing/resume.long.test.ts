// @vitest-environment node
/** Readers on the worst of lines, against a real server: nothing of an answer is lost, and nothing comes twice. */
import { rm } from 'node:fs/promises';

import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';

import { chanceFrom } from '../../api/testing/chance.ts';
import { dataFolder } from '../../api/testing/data-folder.ts';
import { startProcess, type ConfabProcess } from '../../api/testing/process.ts';
import { visibleThread } from '../store/reduce';
import { CreateChatDocument, SendMessageDocument, ThreadPageDocument } from '../generated/graphql';
import { applyDelta, nothingYet, type Delta, type RunText } from '../store/run-text';
import { badLine, type BadLine } from './bad-line';
import { fastClock, linePlatform, openTab, signUp, type Person } from './tab';
import { makeSubscription, type Platform } from '../feed/sse';

/** Other faults each time; `RESUME_SEED` brings the same ones again. */
const SEED = Number(process.env['RESUME_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const CUTS = 20;
/** How much faster the client's clock goes. 40 s of silence are 200 ms: in less, a busy machine may not even begin to answer. */
const SPEED = 200;

let folder: string;
let server: ConfabProcess;
let line: BadLine;
let ann: Person;

beforeAll(async () => {
  folder = await dataFolder();
  server = await startProcess({ DATA_DIR: folder, ECHO_DELAY_MS: '1', RUN_FLUSH_MS: '3', RUNS_PER_USER: '20' });
  ann = await signUp(server.url, 'ann');
  line = await badLine(server.url, { faultsEach: CUTS, seed: SEED });
}, 60_000);

afterAll(async () => {
  line.close();
  await server.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

test(`190 runs, each read over ${CUTS} broken lines, come whole and once`, { timeout: 900_000 }, async () => {
  onTestFailed(tellSeed);
  await inChats(190, async (chatId, text) => {
    const runId = await send(chatId, text);
    const read = await readRun(runId, `run ${runId}`);
    expect(line.faults.get(`run ${runId}`)).toBe(CUTS);
    expect(read).toBe(await storedText(chatId));
    expect(read).toContain(text.slice(-20));
  });
});

test(`and so do ten through a feed`, { timeout: 900_000 }, async () => {
  onTestFailed(tellSeed);
  await inChats(10, async (chatId, text) => {
    const reader = `feed ${crypto.randomUUID()}`;
    const tab = openTab(ann, chatId, fastPlatform(reader), line.url);
    await tab.load();
    const runId = await send(chatId, text);
    let grown = '';
    await tab.until((state) => {
      const words = (state.texts.get(runId)?.parts ?? []).map((part) => part.text).join('');
      // Whatever is shown begins with what was shown before.
      if (words) expect(words.startsWith(grown)).toBe(true);
      grown = words || grown;
      const run = state.threads.get(chatId)?.runs.get(runId)?.row;
      return run?.status === 'COMPLETED';
    });
    const thread = tab.state().threads.get(chatId);
    const shown =
      (thread ? visibleThread(thread) : [])
        .at(-1)
        ?.parts.map((part) => part.text)
        .join('') ?? '';
    tab.close();
    expect(line.faults.get(reader)).toBe(CUTS);
    expect(shown).toBe(await storedText(chatId));
    expect(shown.startsWith(grown)).toBe(true);
    expect(shown).toContain(text.slice(-20));
  });
});

function tellSeed() {
  console.log(`RESUME_SEED=${SEED}`);
}

/** A few chats side by side, each with one run after the other. */
async function inChats(runs: number, read: (chatId: string, text: string) => Promise<void>): Promise<void> {
  const random = chanceFrom(SEED + runs);
  const texts = Array.from({ length: runs }, () => makeText(random));
  await Promise.all(
    Array.from({ length: 3 }, async () => {
      const { createChat } = await ann.ask(CreateChatDocument, { input: {} });
      if (createChat.__typename !== 'CreateChatPayload') throw new Error(JSON.stringify(createChat));
      for (let text = texts.pop(); text !== undefined; text = texts.pop()) await read(createChat.chat.id, text);
    }),
  );
}

const words = ['👩‍👩‍👧‍👦', '𝔘𝔫𝔦', 'naïve', 'слово', '漢字', '🇺🇳', 'e\u0301', 'plain', '🙂🙃', '\u200fעברית'];

function makeText(random: () => number): string {
  return Array.from({ length: 60 }, () => words[Math.floor(random() * words.length)]).join(' ');
}

async function send(chatId: string, content: string): Promise<string> {
  const { sendMessage } = await ann.ask(SendMessageDocument, {
    input: { chatId, content, clientId: crypto.randomUUID() },
  });
  if (sendMessage.__typename !== 'SendMessagePayload') throw new Error(JSON.stringify(sendMessage));
  return sendMessage.answers[0]?.run?.id ?? '';
}

async function storedText(chatId: string): Promise<string> {
  const { chat } = await ann.ask(ThreadPageDocument, { chatId, last: 1 });
  return chat?.messages.nodes[0]?.parts.map((part) => part.text).join('') ?? '';
}

type RunEvent = { __typename: 'ContentDelta' } & Delta;

const query = `subscription ($runId: ID!, $from: Int!) {
  runEvents(runId: $runId, from: $from) { __typename ... on ContentDelta { from to part kind text } }
}`;

function readRun(runId: string, reader: string): Promise<string> {
  let text: RunText = nothingYet;
  return new Promise((resolve, reject) => {
    const subscribe = (): (() => void) =>
      makeSubscription<{ data?: { runEvents: RunEvent | { __typename: 'MessageEnd' } } }>(
        {
          url: `${line.url}/graphql`,
          body: () => ({ query, variables: { runId, from: text.length } }),
          isEnd: ({ data }) => data?.runEvents.__typename === 'MessageEnd',
          onResult: ({ data }) => {
            if (data?.runEvents.__typename !== 'ContentDelta') return;
            const next = applyDelta(text, data.runEvents);
            if (next !== 'gap') {
              text = next;
              return;
            }
            close();
            close = subscribe();
          },
          onClose: (refusal) =>
            refusal ? reject(new Error(refusal.body)) : resolve(text.parts.map((part) => part.text).join('')),
        },
        fastPlatform(reader),
      );
    let close = subscribe();
  });
}

function fastPlatform(reader: string): Platform & { cut: () => void } {
  return linePlatform(ann.cookie, fastClock(SPEED), { 'x-reader': reader });
}
