/** Thousands of feeds come back in one instant, after a restart in the midst of an answer, while the next one is being written. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { print } from 'graphql';

import { graphql } from '../api/generated/graphql/gql.ts';
import { modelServer } from '../api/testing/model-server.ts';
import { type Person, person } from '../api/testing/person.ts';
import { startProcess } from '../api/testing/process.ts';
import { useServerAt } from '../api/testing/server.ts';
import { Everything } from './feeds.ts';
import { type Measure, ms, percentile } from './measure.ts';
import { followWith } from './raw-reader.ts';
import { withoutLimits } from './without-limits.ts';

const CLIENTS = 2_000;
const LONGEST_MS = 60_000;
/** Two words a second to each: the answer is not what is measured. */
const WORD_MS = 500;

export async function measureStorm(): Promise<Measure> {
  const model = await modelServer();
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  const settings = { DATA_DIR: folder, ANTHROPIC_API_KEY: 'key', ANTHROPIC_BASE_URL: model.url, ...withoutLimits };
  let confab = await startProcess(settings);
  try {
    useServerAt(confab.url, model);
    const ann = await person('ann');
    const cut = model.hold();
    const { chat, run } = await ann.sends('Tell us all.');
    cut.begin();
    for (let index = 0; index < 200; index += 1) cut.write(`word${index} `);
    const clients = Array.from({ length: CLIENTS }, () => new StormClient(chat.id, ann.headers));
    for (let index = 0; index < CLIENTS; index += 100) {
      const some = clients.slice(index, index + 100);
      for (const client of some) client.watch(confab.url);
      await Promise.all(some.map((client) => client.hasHeard(run.id)));
    }

    await confab.kill('SIGKILL');
    confab = await startProcess({ ...settings, PORT: new URL(confab.url).port });
    useServerAt(confab.url, model);
    const began = performance.now();
    for (const client of clients) client.watch(confab.url);
    const caughtUp = Promise.all(
      clients.map(async (client) => {
        await client.sees(run.id, 'INTERRUPTED');
        return performance.now() - began;
      }),
    );
    const next = await asksWhile(ann, model, chat.id, caughtUp);
    const times = await caughtUp;
    await Promise.all(clients.map((client) => client.sees(next, 'COMPLETED')));

    const whole = await Promise.all([run.id, next].map((id) => contentOf(ann, id)));
    const received = clients.map((client) => [run.id, next].map((id) => client.text(id)));
    const lost = clients.filter((client, index) => {
      const isWhole = received[index]?.every((text, which) => text === whole[which]);
      return !isWhole || !whole.every((content) => client.stored.has(content));
    }).length;
    const doubled = clients.filter(({ repeats }) => repeats > 0).length;
    for (const client of clients) client.leave();
    return {
      what: `${CLIENTS.toLocaleString('en')} feeds come back at once after a kill -9, amid an answer`,
      result: `all caught up after ${ms(Math.max(...times))} (p50 ${ms(percentile(times, 0.5))}); ${lost} that lost words, ${doubled} that were told any twice`,
      goal: '≤ 30 s, 0 lost, 0 doubled',
      isMet: Math.max(...times) <= 30_000 && lost === 0 && doubled === 0 && whole.every((text) => text.length > 0),
    };
  } finally {
    await confab.kill('SIGKILL');
    await model.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The next question, answered word by word for as long as that takes. */
async function asksWhile(
  ann: Person,
  model: Awaited<ReturnType<typeof modelServer>>,
  chatId: string,
  that: Promise<unknown>,
): Promise<string> {
  const over = new AbortController();
  void that.finally(() => over.abort());
  const held = model.hold();
  const { run } = await ann.sends('And the rest?', chatId);
  held.begin();
  // At least one, though all may have caught up before the question got through.
  let index = 0;
  do {
    held.write(`more${index} `);
    index += 1;
    await new Promise((resolve) => setTimeout(resolve, WORD_MS));
  } while (!over.signal.aborted);
  held.end();
  return run.id;
}

async function contentOf(ann: Person, runId: string): Promise<string> {
  const { node } = await ann.ask(Answer, { id: runId });
  return node?.__typename === 'Run' ? (node.message?.content ?? '') : '';
}

const Answer = graphql(`
  query StormAnswer($id: ID!) {
    node(id: $id) {
      __typename
      ... on Run {
        message {
          content
        }
      }
    }
  }
`);

/** Keeps what it received, and asks for the rest from there, as the page does. */
class StormClient {
  readonly #chatId: string;
  readonly #headers: Record<string, string>;
  readonly #texts = new Map<string, string>();
  readonly #statuses = new Map<string, string>();
  #revision = 0;
  #leave = () => {};
  #onChange = () => {};
  /** The messages that changes had. */
  readonly stored = new Set<string>();
  /** How often it received words that it had. */
  repeats = 0;

  constructor(chatId: string, headers: Record<string, string>) {
    [this.#chatId, this.#headers] = [chatId, headers];
  }

  watch(url: string): void {
    const runs = [...this.#texts].map(([id, text]) => ({ id, from: text.length }));
    const variables = { chats: [{ id: this.#chatId, after: this.#revision, runs }] };
    let unread = '';
    const { socket } = followWith(url, { query: print(Everything), variables }, this.#headers, (piece) => {
      const events = (unread + piece).split('\n\n');
      unread = events.pop() ?? '';
      for (const event of events) this.#receive(event);
      this.#onChange();
    });
    this.leave();
    this.#leave = () => socket.destroy();
  }

  leave(): void {
    this.#leave();
  }

  text(runId: string): string {
    return this.#texts.get(runId) ?? '';
  }

  hasHeard(runId: string): Promise<void> {
    return this.#until(() => this.text(runId) !== '');
  }

  sees(runId: string, status: string): Promise<void> {
    return this.#until(() => this.#statuses.get(runId) === status);
  }

  /** Or until the deadline: a client that never received it is found by what it lacks. */
  async #until(isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + LONGEST_MS;
    const timer = setTimeout(() => this.#onChange(), LONGEST_MS);
    while (!isSo() && performance.now() < deadline) await new Promise<void>((resolve) => (this.#onChange = resolve));
    clearTimeout(timer);
  }

  #receive(event: string): void {
    const [, json] = /^data: (.+)$/m.exec(event) ?? [];
    if (!json) return;
    const { feed } = (JSON.parse(json) as { data: { feed: FeedEvent } }).data;
    if (feed.__typename === 'RunDelta') this.#grow(feed.runId, feed.delta);
    if (feed.__typename !== 'ChatChange') return;
    this.#revision = feed.revision;
    for (const { content } of feed.messages) this.stored.add(content);
    for (const { id, status } of feed.runs) this.#statuses.set(id, status);
  }

  /** Words beyond a gap are left out, so that the whole shows what was lost. */
  #grow(runId: string, { from, text }: { from: number; text: string }): void {
    const had = this.text(runId);
    if (from < had.length) this.repeats += 1;
    if (from === had.length) this.#texts.set(runId, had + text);
  }
}

type FeedEvent =
  | { __typename: 'RunDelta'; runId: string; delta: { from: number; text: string } }
  | {
      __typename: 'ChatChange';
      revision: number;
      messages: { content: string }[];
      runs: { id: string; status: string }[];
    }
  | { __typename: 'Tick' | 'ChatListChange' | 'ChatGone' };
