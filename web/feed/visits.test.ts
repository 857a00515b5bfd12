/** What becomes of a tab's feed when it is hidden, and when others hold the seats. */
import { expect, test } from 'vitest';

import { makeBrowser } from '../testing/browser';
import { makeFeedServer, tick } from '../testing/feed-server';
import type { FeedEvent } from '../store/reduce';
import { makeFeedConnection } from './connection';
import { HIDDEN_FEED_MS, makeSeats, SEATS } from './seats';
import { LONGEST_VISIT_MS, LONGEST_WAIT_FOR_TICK_MS, QUIET_MS } from './visit';
import { MOST_VISITS, SILENT_MS, turnsByChannel, turnsByLocks, type TurnPost } from './visit-turns';
import { VISIT_EVERY_MS } from './polling-feed';

const words: FeedEvent = {
  __typename: 'RunDelta',
  runId: 'run',
  delta: { from: 7, to: 8, part: 0, kind: 'TEXT', text: 'x' },
};
const news: FeedEvent = { __typename: 'ChatGone', chatId: 'chat' };

test('a tab that is hidden for a minute lets go of its feed, and catches up when it is shown', async () => {
  const { tab, clock, feeds, open, reconnects } = openTab();
  await clock.pass(0);
  expect([open(), reconnects()]).toEqual([[true], 0]);
  feeds[0]?.tell(tick);
  await clock.pass(0);
  expect(reconnects()).toBe(1);

  tab.hide();
  for (let left = HIDDEN_FEED_MS - 1; left > 0; left -= 15_000) {
    await clock.pass(Math.min(left, 15_000));
    feeds[0]?.tell(tick);
  }
  expect(open()).toEqual([true]);
  await clock.pass(1);
  expect(open()).toEqual([false]);
  await clock.pass(10 * HIDDEN_FEED_MS);
  expect(open()).toEqual([false]);

  tab.show();
  await clock.pass(0);
  expect([open(), reconnects()]).toEqual([[false, true], 1]);
  feeds[1]?.tell(tick);
  feeds[1]?.tell(tick);
  await clock.pass(0);
  expect(reconnects()).toBe(2);
});

test('a tab that is hidden for less than a minute keeps its feed', async () => {
  const { tab, clock, feeds, open, reconnects } = openTab();
  await clock.pass(0);
  feeds[0]?.tell(tick);
  tab.hide();
  await clock.pass(30_000);
  tab.show();
  feeds[0]?.tell(tick);
  await clock.pass(0);
  expect([open(), reconnects()]).toEqual([[true], 1]);
});

test('a visit is over when nothing follows its first tick for a while', async () => {
  const { clock, visit, reconnects, heard } = await openVisitor();
  // Until then it waits for what it came for.
  visit().tell(words);
  await clock.pass(2 * LONGEST_VISIT_MS);
  expect([visit().isOpen(), reconnects()]).toEqual([true, 0]);
  visit().tell(tick);
  await clock.pass(QUIET_MS - 1);
  visit().tell(words);
  await clock.pass(QUIET_MS - 1);
  expect([visit().isOpen(), reconnects(), heard()]).toEqual([true, 1, ['RunDelta', 'Tick', 'RunDelta']]);
  await clock.pass(1);
  expect(visit().isOpen()).toBe(false);
});

test('a visit to an answer that grows and grows is over after a while', async () => {
  const { clock, visit } = await openVisitor();
  visit().tell(tick);
  await clock.pass(0);
  for (let left = LONGEST_VISIT_MS; left > 0; left -= QUIET_MS / 3) {
    await clock.pass(QUIET_MS / 3);
    visit().tell(words);
  }
  await clock.pass(0);
  expect(visit().isOpen()).toBe(true);
  await clock.pass(QUIET_MS / 3);
  visit().tell(words);
  await clock.pass(0);
  expect(visit().isOpen()).toBe(false);
});

test('a visitor comes again and again, and only news are worth asking for the rest', async () => {
  const { clock, visit, visits, leaves, reconnects } = await openVisitor();
  await leaves();
  expect([visits(), reconnects()]).toEqual([1, 1]);
  await clock.pass(VISIT_EVERY_MS - 1);
  expect(visits()).toBe(1);
  await clock.pass(1);
  expect([visits(), visit().isOpen()]).toEqual([2, true]);
  await leaves();
  expect(reconnects()).toBe(1);
});

test('a visitor comes at once upon news, and catches up', async () => {
  const { clock, visits, leaves, reconnects, notifyTabs } = await openVisitor();
  await leaves();
  await notifyTabs();
  expect([visits(), reconnects()]).toEqual([2, 1]);
  await leaves();
  expect(reconnects()).toBe(2);
  // What was waited for did come: no other is due beside it.
  await clock.pass(VISIT_EVERY_MS - 1);
  expect(visits()).toBe(2);
});

test('news that a visit without an answer came for are what the next one comes for', async () => {
  const { clock, visits, leaves, reconnects, notifyTabs } = await openVisitor();
  await leaves();
  await notifyTabs();
  await clock.pass(LONGEST_WAIT_FOR_TICK_MS);
  for (let waited = 0; visits() < 3 && waited < 60_000; waited += 500) await clock.pass(500);
  expect([visits(), reconnects()]).toEqual([3, 1]);
  await leaves();
  expect(reconnects()).toBe(2);
});

test('news during a visit make for another one after it', async () => {
  const { visit, visits, leaves, reconnects, notifyTabs } = await openVisitor();
  visit().tell(tick);
  await notifyTabs();
  expect(visits()).toBe(1);
  await leaves();
  expect([visits(), visit().isOpen()]).toEqual([2, true]);
  await leaves();
  expect([visits(), reconnects()]).toEqual([2, 2]);
});

test('what a live tab receives is news to a polling tab, except deltas', async () => {
  const { clock, visits, leaves, holder } = await openVisitor();
  await leaves();
  holder()?.tell(words);
  holder()?.tell(tick);
  await clock.pass(10);
  expect(visits()).toBe(1);
  holder()?.tell(news);
  await clock.pass(10);
  expect(visits()).toBe(2);
});

test('a visitor that is hidden between two visits does not come again', async () => {
  const { tab, clock, visits, leaves } = await openVisitor();
  await leaves();
  tab.hide();
  await clock.pass(10 * VISIT_EVERY_MS);
  expect(visits()).toBe(1);
});

test('a visitor that is hidden leaves and does not come again; once it is used it stays', async () => {
  const { tab, clock, visit, visits, reconnects } = await openVisitor();
  tab.hide();
  await clock.pass(10 * VISIT_EVERY_MS);
  expect([visits(), visit().isOpen()]).toEqual([1, false]);
  tab.show();
  await clock.pass(0);
  expect([visits(), visit().isOpen()]).toEqual([2, true]);
  visit().tell(tick);
  await clock.pass(10_000);
  expect([visits(), visit().isOpen(), reconnects()]).toEqual([2, true, 1]);
});

/** A tab with a feed, in a browser of its own. */
function openTab(browser = makeBrowser(), tab = browser.open()) {
  const { clock } = browser;
  const { platform, feeds, open } = makeFeedServer(clock);
  let reconnects = 0;
  const heard: (string | undefined)[] = [];
  const connection = makeFeedConnection(
    {
      url: '/graphql',
      body: () => ({}),
      onEvent: ({ __typename }) => void heard.push(__typename),
      onReconnected: () => (reconnects += 1),
      onRefusal: () => {},
    },
    tab.tab,
    platform,
  );
  return { tab, clock, feeds, open, connection, reconnects: () => reconnects, heard: () => heard };
}

/** A tab whose first visit has just begun, since others hold all the seats. */
async function openVisitor() {
  const browser = makeBrowser();
  const { clock } = browser;
  const { feeds, reconnects, heard, tab } = openTab(browser);
  const [other] = Array.from({ length: SEATS - 1 }, () => makeSeats(browser.open().tab, { seat() {}, news() {} }));
  const last = openTab(browser);
  await clock.pass(10);
  expect(feeds.map((feed) => feed.isOpen())).toEqual([false, true]);
  const visit = () => feeds.at(-1) ?? expect.fail('There was no visit.');
  return {
    tab,
    clock,
    reconnects,
    heard,
    visit,
    visits: () => feeds.length - 1,
    holder: () => last.feeds[0],
    notifyTabs: async () => {
      other?.notifyTabs();
      await clock.pass(10);
    },
    /** Lets the present visit come to its end. */
    leaves: async () => {
      visit().tell(tick);
      await clock.pass(QUIET_MS);
    },
  };
}

test.each(['locks', 'a channel'])('by %s, no more than two tabs visit at once, and each has its turn', async (kind) => {
  const { visitors, clock, end } = await openVisitors(kind, 6);
  const served: string[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const now = visitors.filter(({ isVisiting }) => isVisiting());
    expect(now).toHaveLength(MOST_VISITS);
    served.push(...now.map(({ name }) => name));
    await end(now);
  }
  expect(served.toSorted()).toEqual(visitors.map(({ name }) => name));
  // They come again, in their turns.
  await clock.pass(2 * VISIT_EVERY_MS);
  expect(visitors.filter(({ isVisiting }) => isVisiting())).toHaveLength(MOST_VISITS);
});

test.each(['locks', 'a channel'])(
  'by %s, a tab that dies or closes during its visit gives its turn up',
  async (kind) => {
    const { visitors, clock } = await openVisitors(kind, 4);
    const [first, second, ...rest] = visitors;
    expect([first?.isVisiting(), second?.isVisiting()]).toEqual([true, true]);
    first?.die();
    second?.connection.close();
    await clock.pass(2 * SILENT_MS);
    expect(rest.map(({ visits }) => visits() > 0)).toEqual([true, true]);
  },
);

test.each(['locks', 'a channel'])('by %s, a server that does not answer blocks no other tab’s turn', async (kind) => {
  const { visitors, clock } = await openVisitors(kind, 5);
  await clock.pass(4 * LONGEST_WAIT_FOR_TICK_MS);
  expect(visitors.map(({ visits }) => visits() > 0)).toEqual(Array(5).fill(true));
  expect(visitors.filter(({ isVisiting }) => isVisiting()).length).toBeLessThanOrEqual(MOST_VISITS);
});

/** So many tabs that have no seat, and that all want to visit at the same moment. */
async function openVisitors(kind: string, count: number) {
  const browser = makeBrowser();
  const { clock } = browser;
  const locks = makeLocks();
  const ears = new Map<string, (post: TurnPost) => void>();
  const visitors = Array.from({ length: count }, (_, index) => {
    const name = `visitor ${index}`;
    let isAlive = true;
    const channel = {
      post: (post: TurnPost) => {
        for (const [other, hear] of ears) if (isAlive && other !== name) clock.after(1, () => hear(post));
      },
      listen: (hear: (post: TurnPost) => void) => ears.set(name, (post) => isAlive && hear(post)),
    };
    const own = locks.open();
    const hand = browser.open();
    const after = (ms: number, call: () => void) => clock.after(ms, () => isAlive && call());
    hand.tab.askTurn = kind === 'locks' ? turnsByLocks(own) : turnsByChannel(name, channel, { now: clock.now, after });
    const opened = openTab(browser, hand);
    return {
      ...opened,
      name,
      visits: () => opened.feeds.length - 1,
      isVisiting: () => isAlive && !!opened.feeds.at(-1)?.isOpen(),
      die() {
        isAlive = false;
        own.die();
        hand.die();
      },
    };
  });
  // They were used last, and the visitors have no seats any more.
  Array.from({ length: SEATS }, () => makeSeats(browser.open().tab, { seat() {}, news() {} }));
  await clock.pass(100);
  return {
    visitors,
    clock,
    end: async (now: typeof visitors) => {
      for (const visitor of now) visitor.feeds.at(-1)?.tell(tick);
      await clock.pass(QUIET_MS + 100);
    },
  };
}

/** What `navigator.locks` is to the tabs of one browser. */
function makeLocks() {
  const queues = new Map<string, (() => Promise<void>)[]>();
  const next = (name: string) => {
    const [first] = queues.get(name) ?? [];
    if (!first) return;
    void first().then(() => {
      queues.get(name)?.shift();
      next(name);
    });
  };
  return {
    open() {
      const died = Promise.withResolvers<void>();
      const request = (name: string, { signal }: LockOptions, call: () => unknown) => {
        const queue = queues.get(name) ?? [];
        queues.set(name, queue);
        queue.push(() =>
          signal?.aborted ? Promise.resolve() : Promise.race([Promise.resolve(call()).then(() => {}), died.promise]),
        );
        if (queue.length === 1) next(name);
        return Promise.resolve();
      };
      return { request: request as unknown as LockManager['request'], die: () => died.resolve() };
    },
  };
}
