/** Two hundred answers at once, as fast as models speak: how late each word is, and how it slows other requests. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { print } from 'graphql';

import { graphql } from '../api/generated/graphql/gql.ts';
import { person, type Person } from '../api/testing/person.ts';
import { useServerAt } from '../api/testing/server.ts';
import { modelServer } from '../api/testing/model-server.ts';
import { Words } from './deliveries.ts';
import { startProcess } from '../api/testing/process.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Measure, ms, percentile, timed } from './measure.ts';
import { followWith, type RawReader } from './raw-reader.ts';

const RUNS = 200;
const TOKENS_A_SECOND = 80;
const SECONDS = 15;

const Viewer = graphql(`
  query Bystander {
    chats(first: 10) {
      nodes {
        id
        title
      }
    }
  }
`);

export async function measureManyRuns(): Promise<Measure[]> {
  const talker = await startTalker();
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  const confab = await startProcess({
    DATA_DIR: folder,
    ANTHROPIC_API_KEY: 'key',
    ANTHROPIC_BASE_URL: talker.url,
    MAX_CHATS: '1000',
    RUNS_PER_USER: '1000',
  });
  const idle = await modelServer();
  useServerAt(confab.url, idle);
  try {
    const ann = await person('ann');
    const bystander = await person('bystander');
    for (let index = 0; index < 10; index += 1) await bystander.createsChat(`Chat ${index}`);
    const late = await lateness(ann, confab.url, talker);
    const noticing = queriesUntil(bystander, talker, late.done);
    const times = await late.done;
    const queries = await noticing;
    const [p50, p95, p99] = [percentile(times, 0.5), percentile(times, 0.95), percentile(queries, 0.99)];
    return [
      {
        what: `A word, provider to client, ${RUNS} runs at ${TOKENS_A_SECOND} tokens a second, on one core`,
        result: `p50 ${ms(p50)}, p95 ${ms(p95)} (${times.length} words)`,
        goal: 'p50 ≤ 20 ms, p95 ≤ 50 ms',
        isMet: p50 <= 20 && p95 <= 50,
      },
      {
        what: 'Meanwhile, a bystander’s list of chats',
        result: `p50 ${ms(percentile(queries, 0.5))}, p99 ${ms(p99)} (${queries.length} queries)`,
        goal: 'p99 ≤ 50 ms',
        isMet: p99 <= 50,
      },
    ];
  } finally {
    talker.close();
    await idle.close();
    await confab.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

async function lateness(ann: Person, url: string, talker: Talker): Promise<{ done: Promise<number[]> }> {
  const times: number[] = [];
  const readers: RawReader[] = [];
  for (let index = 0; index < RUNS; index += 1) {
    const { run } = await ann.sends('Speak.');
    readers.push(
      followWith(url, { query: print(Words), variables: { runId: run.id, from: 0 } }, ann.headers, (text) => {
        const now = performance.timeOrigin + performance.now();
        // Each word is the time at which the provider said it; the first ones are warming up.
        for (const [, said] of text.matchAll(/ (\d+\.\d)\b/g)) if (talker.isCounting) times.push(now - Number(said));
      }),
    );
  }
  await talker.allConnected(RUNS);
  const done = talker.talk(SECONDS, TOKENS_A_SECOND).then(async () => {
    await Promise.all(readers.map((reader) => reader.ended));
    return times;
  });
  return { done };
}

async function queriesUntil(bystander: Person, talker: Talker, done: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  const over = new AbortController();
  void done.finally(() => over.abort());
  while (!over.signal.aborted) {
    const time = await timed(() => bystander.ask(Viewer, {}));
    // While all of them speak: that two hundred end in one instant is the measure's doing.
    if (talker.isCounting) times.push(time);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return times;
}

interface Talker {
  url: string;
  isCounting: boolean;
  allConnected(count: number): Promise<void>;
  talk(seconds: number, tokensASecond: number): Promise<void>;
  close(): void;
}

/** A model that says the time, to everyone at the same pace, and costs as little as can be. */
async function startTalker(): Promise<Talker> {
  const listeners: ServerResponse[] = [];
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(
      `${event({ type: 'message_start', message: { id: 'm', type: 'message', role: 'assistant', model: 'claude', content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } } })}${event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } })}`,
    );
    listeners.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const talker: Talker = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isCounting: false,
    async allConnected(count) {
      while (listeners.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    async talk(seconds, tokensASecond) {
      const pause = 1000 / tokensASecond;
      const began = performance.now();
      let said = 0;
      while (performance.now() - began < seconds * 1000) {
        // Rather each at its own moment than all at once.
        const due = Math.floor(((performance.now() - began) / pause) * listeners.length);
        for (; said < due; said += 1) listeners[said % listeners.length]?.write(word());
        talker.isCounting = performance.now() - began > 3_000;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      talker.isCounting = false;
      for (const response of listeners) {
        response.end(
          `${event({ type: 'content_block_stop', index: 0 })}${event({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: said } })}${event({ type: 'message_stop' })}`,
        );
      }
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return talker;
}

function word(): string {
  const now = (performance.timeOrigin + performance.now()).toFixed(1);
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" ${now}"}}\n\n`;
}

function event(data: { type: string; [field: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}
