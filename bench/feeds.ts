/** Feeds by the thousand: what an idle one costs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { print } from 'graphql';

import { graphql } from '../api/generated/graphql/gql.ts';
import { modelServer } from '../api/testing/model-server.ts';
import { person } from '../api/testing/person.ts';
import { useServerAt } from '../api/testing/server.ts';
import { deliveryServer } from './deliveries.ts';
import type { Measure } from './measure.ts';
import { followWith, type RawReader } from './raw-reader.ts';

const FEEDS = 5_000;
const HELD_MS = 60_000;

/** As the page asks. */
export const Everything = graphql(`
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
    const { id, revision } = await ann.createsChat();
    const body = { query: print(Everything), variables: { chats: [{ id, after: revision }] } };
    // What the first ones cost once and for all is not theirs.
    const feeds = await openFeeds(server.url, body, ann.headers, 100);
    const before = await server.usage();
    feeds.push(...(await openFeeds(server.url, body, ann.headers, FEEDS)));
    await new Promise((resolve) => setTimeout(resolve, HELD_MS));
    const after = await server.usage();
    const dropped = feeds.filter(({ socket }) => socket.destroyed || socket.readableEnded).length;
    const ticks = feeds.filter((feed) => feed.ticks >= HELD_MS / 15_000 - 1).length;
    for (const { socket } of feeds) socket.destroy();
    const [ofProcess, ofHeap] = [after.rss - before.rss, after.heap - before.heap].map((bytes) => bytes / FEEDS / 1000);
    // The process may have had room to spare before: what a feed costs is the larger of the two.
    const kilobytes = Math.max(ofProcess ?? 0, ofHeap ?? 0);
    return {
      what: `Memory of each idle feed, ${FEEDS.toLocaleString('en')} held for a minute`,
      result: `${kilobytes.toFixed(0)} kB (the process grew by ${ofProcess?.toFixed(0)} kB, its heap by ${ofHeap?.toFixed(0)} kB), ${dropped} dropped, ${ticks} of ${feeds.length} heard every tick`,
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
