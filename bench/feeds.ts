/** Feeds by the thousand: what an idle one costs, and how soon all are whole again after a restart. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { print } from 'graphql';

import { graphql } from '../api/generated/graphql/gql.ts';
import { modelServer } from '../api/testing/model-server.ts';
import { type Person, person } from '../api/testing/person.ts';
import { startProcess } from '../api/testing/process.ts';
import { useServerAt } from '../api/testing/server.ts';
import { deliveryServer } from './deliveries.ts';
import { type Measure, ms, percentile } from './measure.ts';
import { followWith, type RawReader } from './raw-reader.ts';

const FEEDS = 5_000;
const HELD_MS = 60_000;

const Everything = graphql(`
  subscription Everything($chats: [ChatCursor!]) {
    feed(chats: $chats) {
      __typename
      ... on ChatChange {
        revision
        messages {
          id
          content
        }
        runs {
          id
          status
        }
      }
      ... on RunDelta {
        runId
        delta {
          from
          text
        }
      }
    }
  }
`);

export async function measureIdleFeeds(): Promise<Measure> {
  const model = await modelServer();
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  try {
    await using server = await deliveryServer('confab', {
      PORT: '0',
      DATA_DIR: folder,
      ANTHROPIC_API_KEY: 'key',
      ANTHROPIC_BASE_URL: model.url,
    });
    useServerAt(server.url, model);
    const ann = await person('ann');
    const { chat } = await ann.asks('hello').catch(() => ann.sends('hello'));
    const body = { query: print(Everything), variables: { chats: [{ id: chat.id, after: 1_000 }] } };
    // What the first ones cost once and for all is not theirs.
    const feeds = await openFeeds(server.url, body, ann.headers, 100);
    const before = await server.usage();
    feeds.push(...(await openFeeds(server.url, body, ann.headers, FEEDS)));
    await new Promise((resolve) => setTimeout(resolve, HELD_MS));
    const after = await server.usage();
    const dropped = feeds.filter(({ socket }) => socket.destroyed || socket.readableEnded).length;
    const ticks = feeds.filter((feed) => feed.ticks >= HELD_MS / 15_000 - 1).length;
    for (const { socket } of feeds) socket.destroy();
    const kilobytes = (after.rss - before.rss) / FEEDS / 1000;
    return {
      what: `Memory of each idle feed, ${FEEDS.toLocaleString('en')} held for a minute`,
      result: `${kilobytes.toFixed(0)} kB of the process (${((after.heap - before.heap) / FEEDS / 1000).toFixed(0)} kB of its heap), ${dropped} dropped, ${ticks} of ${feeds.length} heard every tick`,
      goal: '≤ 80 kB, none dropped',
      isMet: kilobytes <= 80 && dropped === 0 && ticks === feeds.length,
    };
  } finally {
    await model.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Feed extends RawReader {
  ticks: number;
}

/** A hundred at a time: thousands of connections in one instant are another measure. */
async function openFeeds(url: string, body: object, headers: Record<string, string>, count: number): Promise<Feed[]> {
  const feeds: Feed[] = [];
  while (feeds.length < count) {
    const some = Array.from({ length: Math.min(100, count - feeds.length) }, () => openFeed(url, body, headers));
    await Promise.all(some.map(({ opened }) => opened));
    feeds.push(...some.map(({ feed }) => feed));
  }
  return feeds;
}

function openFeed(url: string, body: object, headers: Record<string, string>): { feed: Feed; opened: Promise<void> } {
  const opened = Promise.withResolvers<void>();
  const reader = followWith(url, body, headers, (text) => {
    feed.ticks += text.split('"Tick"').length - 1;
    if (feed.ticks > 0) opened.resolve();
  });
  const feed: Feed = Object.assign(reader, { ticks: 0 });
  return { feed, opened: opened.promise };
}

const CLIENTS = 2_000;

/** Everybody watches a chat in which an answer is being written; the server is told to end, and another takes its place. */
export async function measureStorm(): Promise<Measure> {
  const model = await modelServer();
  const folder = await mkdtemp(join(tmpdir(), 'confab-bench-'));
  const settings = { DATA_DIR: folder, ANTHROPIC_API_KEY: 'key', ANTHROPIC_BASE_URL: model.url };
  let confab = await startProcess(settings);
  try {
    useServerAt(confab.url, model);
    const ann = await person('ann');
    const { chat, run } = await ask(ann, model);
    const clients = Array.from({ length: CLIENTS }, () => new StormClient(chat.id, run.id, ann.headers));
    for (let index = 0; index < CLIENTS; index += 100) {
      await Promise.all(clients.slice(index, index + 100).map((client) => client.watch(confab.url)));
    }
    await confab.kill('SIGINT');
    confab = await startProcess({ ...settings, PORT: new URL(confab.url).port });
    useServerAt(confab.url, model);
    const began = performance.now();
    const times = await Promise.all(
      clients.map(async (client) => {
        await client.watch(confab.url);
        await client.seesTheEnd;
        return performance.now() - began;
      }),
    );
    const { node } = await ann.ask(Answer, { id: run.id });
    const whole = node?.__typename === 'Run' ? node.message.content : '';
    const lost = clients.filter((client) => !whole.startsWith(client.text) && client.text !== whole).length;
    const doubled = clients.filter((client) => client.text.length > whole.length).length;
    return {
      what: `${CLIENTS.toLocaleString('en')} feeds come back at once after a restart`,
      result: `all caught up after ${ms(Math.max(...times))} (p50 ${ms(percentile(times, 0.5))}); ${lost} lost, ${doubled} doubled words`,
      goal: '≤ 30 s, 0 lost, 0 doubled',
      isMet: Math.max(...times) <= 30_000 && lost === 0 && doubled === 0 && whole.length > 0,
    };
  } finally {
    await confab.kill('SIGKILL');
    await model.close();
    await rm(folder, { recursive: true, force: true });
  }
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

async function ask(ann: Person, model: Awaited<ReturnType<typeof modelServer>>) {
  const held = model.hold();
  const sent = await ann.sends('Tell us all.');
  held.begin();
  for (let index = 0; index < 200; index += 1) held.write(`word${index} `);
  return sent;
}

/** Keeps what it was told, and asks for the rest from there, as the page does. */
class StormClient {
  readonly #chatId: string;
  readonly #runId: string;
  readonly #headers: Record<string, string>;
  text = '';
  #revision = 0;
  readonly #end = Promise.withResolvers<void>();
  readonly seesTheEnd = this.#end.promise;

  constructor(chatId: string, runId: string, headers: Record<string, string>) {
    [this.#chatId, this.#runId, this.#headers] = [chatId, runId, headers];
  }

  /** Resolves once it has heard something. */
  watch(url: string): Promise<void> {
    const opened = Promise.withResolvers<void>();
    const runs = [{ id: this.#runId, from: this.text.length }];
    const variables = { chats: [{ id: this.#chatId, after: this.#revision, runs }] };
    let unread = '';
    const { socket } = followWith(url, { query: print(Everything), variables }, this.#headers, (piece) => {
      unread += piece;
      for (let end = unread.indexOf('\n\n'); end >= 0; end = unread.indexOf('\n\n')) {
        this.#hear(unread.slice(0, end));
        unread = unread.slice(end + 2);
        opened.resolve();
      }
    });
    void this.seesTheEnd.then(() => socket.destroy());
    return opened.promise;
  }

  #hear(event: string): void {
    const [, json] = /^data: (.+)$/m.exec(event) ?? [];
    if (!json) return;
    const { feed } = (JSON.parse(json) as { data: { feed: FeedEvent } }).data;
    if (feed.__typename === 'RunDelta') this.text += feed.delta.text.slice(this.text.length - feed.delta.from);
    if (feed.__typename !== 'ChatChange') return;
    this.#revision = feed.revision;
    if (feed.runs.some(({ id, status }) => id === this.#runId && status === 'INTERRUPTED')) this.#end.resolve();
  }
}

type FeedEvent =
  | { __typename: 'RunDelta'; delta: { from: number; text: string } }
  | { __typename: 'ChatChange'; revision: number; runs: { id: string; status: string }[] }
  | { __typename: 'Tick' | 'ChatListChange' | 'ChatGone' };
