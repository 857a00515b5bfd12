import { expect, test, vi } from 'vitest';

import type { Platform } from './sse';
import { makeBrowser } from '../testing/browser';
import { makeClock } from '../testing/clock';
import { makeFeedServer, tick } from '../testing/feed-server';
import type { FeedEvent } from '../store/reduce';
import { makeFeedConnection } from './connection';
import { REFUSED_WAIT_MS, TOO_MANY_WAIT_MS, type FeedConnectionState } from './feed-line';

const words: FeedEvent = {
  __typename: 'RunDelta',
  runId: 'run',
  delta: { from: 7, to: 8, part: 0, kind: 'TEXT', text: 'x' },
};

const refused = () => new Response('<html>', { status: 400 });
const notOurs = () => new Response('<html>', { headers: { 'content-type': 'text/html' } });
const wrong = () => streamOf({ errors: [{ message: 'No such field.', extensions: { code: 'BAD_REQUEST' } }] });
const telling = (...events: FeedEvent[]) => streamOf(...events.map((feed) => ({ data: { feed } })));

function streamOf(...results: object[]): Response {
  const text = results.map((result) => `event: next\ndata: ${JSON.stringify(result)}\n\n`).join('');
  const body = new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode(text)) });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

test.each([
  ['a status', refused],
  ['a page that is none of ours', notOurs],
  ['an error', wrong],
])('a feed that is refused by %s says so until it is told something', async (_how, refusal) => {
  const feed = connect([refusal, refusal, () => telling(tick)]);
  await feed.pass(0);
  expect(feed.states.at(-1)).toBe('refused');
  const saidBefore = feed.states.length;
  await feed.pass(REFUSED_WAIT_MS - 1);
  expect(feed.asked()).toBe(1);
  await feed.pass(1);
  expect([feed.asked(), ...new Set(feed.states.slice(saidBefore))]).toEqual([2, 'refused']);
  await feed.pass(REFUSED_WAIT_MS);
  expect(feed.states.at(-1)).toBe('open');
  feed.close();
  expect(feed.states.at(-1)).toBe('closed');
});

test('the end of the session is reported once, and ends all attempts', async () => {
  const feed = connect([() => new Response('', { status: 401 })]);
  await feed.pass(2 * REFUSED_WAIT_MS);
  expect([feed.asked(), feed.refusals]).toEqual([1, [true]]);
  feed.close();
});

test('a feed that was closed for newer ones says so, and waits long enough not to close those in turn', async () => {
  const tooMany = { errors: [{ message: 'Closed.', extensions: { code: 'TOO_MANY_STREAMS' } }] };
  const feed = connect([() => streamOf({ data: { feed: tick } }, tooMany), () => telling(tick)]);
  await feed.pass(0);
  expect(feed.states.at(-1)).toBe('tooMany');
  await feed.pass(TOO_MANY_WAIT_MS - 1);
  expect([feed.asked(), feed.states.at(-1)]).toEqual([1, 'tooMany']);
  await feed.pass(1);
  expect([feed.asked(), feed.states.at(-1), feed.refusals]).toEqual([2, 'open', [false]]);
  feed.close();
});

test('of words that do not follow again and again, one waits ever longer and keeps none', async () => {
  const feed = connect(
    Array.from({ length: 50 }, () => () => telling(tick, words)),
    () => 'gap',
  );
  await feed.pass(0);
  expect([feed.asked(), feed.lost]).toEqual([2, ['run']]);
  await feed.pass(60_000);
  expect(feed.asked()).toBeGreaterThan(4);
  expect(feed.asked()).toBeLessThan(15);
  feed.close();
});

test('words that follow again make a later gap the first one', async () => {
  const heard: ('gap' | void)[] = ['gap', undefined, 'gap', undefined, 'gap', undefined];
  const feed = connect(
    Array.from({ length: 4 }, (_, index) => () => (index === 0 ? telling(tick, words) : telling(tick, words, words))),
    () => heard.shift(),
  );
  await feed.pass(0);
  expect([feed.asked(), feed.lost]).toEqual([4, []]);
  feed.close();
});

test('of all renewed connections only the newest stays open, until it is closed', async () => {
  const aborts = vi.spyOn(AbortController.prototype, 'abort');
  const abortsToClose = async (renewals: number) => {
    const { feeds, open, connection, pass } = renewable();
    for (let renewed = 0; renewed <= renewals; renewed += 1) {
      if (renewed > 0) connection.renew();
      await pass(0);
      feeds.at(-1)?.tell(tick);
      await pass(0);
    }
    expect(open()).toEqual([...Array(renewals).fill(false), true]);
    aborts.mockClear();
    connection.close();
    await pass(0);
    expect(open()).not.toContain(true);
    return aborts.mock.calls.length;
  };
  expect(await abortsToClose(10)).toBe(await abortsToClose(1));
  aborts.mockRestore();
});

test('the old one is kept until the new one is there, and goes on by itself until then', async () => {
  const { feeds, open, connection, pass } = await opened();
  connection.renew();
  await pass(0);
  expect(open()).toEqual([true, true]);
  feeds[0]?.cut();
  await pass(0);
  expect(open()).toEqual([false, true, true]);
  feeds[1]?.tell(tick);
  await pass(0);
  expect(open()).toEqual([false, true, false]);
  connection.close();
  await pass(0);
  expect(open()).toEqual([false, false, false]);
});

test('renewed twice before the first is there, all three are closed', async () => {
  const { open, connection, pass } = await opened();
  connection.renew();
  await pass(0);
  connection.renew();
  await pass(0);
  connection.close();
  await pass(0);
  expect(open()).toEqual([false, false, false]);
});

test('the first of two that are under way is there, and the second is closed all the same', async () => {
  const { feeds, open, connection, pass } = await opened();
  connection.renew();
  await pass(0);
  // The old one comes back by itself meanwhile, and so a third is asked for beside the two.
  feeds[0]?.cut();
  await pass(0);
  feeds[2]?.tell(tick);
  await pass(0);
  connection.renew();
  await pass(0);
  expect(open()).toEqual([false, true, true, true]);
  feeds[1]?.tell(tick);
  await pass(0);
  expect(open()).toEqual([false, true, false, true]);
  connection.close();
  await pass(0);
  expect(open()).toEqual([false, false, false, false]);
});

/** A tab's connection to a server that a test scripts. */
function renewable() {
  const { open: openTab, clock } = makeBrowser({ isMute: true });
  const { platform, feeds, open } = makeFeedServer(clock);
  const request = { url: '/graphql', body: () => ({}), onEvent: () => {}, onRefusal: () => {} };
  return { feeds, open, connection: makeFeedConnection(request, openTab().tab, platform), pass: clock.pass };
}

/** The same, and the first feed is there. */
async function opened() {
  const tab = renewable();
  await tab.pass(0);
  tab.feeds[0]?.tell(tick);
  await tab.pass(0);
  return tab;
}

/** A tab's connection to a server that answers so, one request after the other, on a clock that the test moves. */
function connect(answers: (() => Response)[], onWords: () => 'gap' | void = () => {}) {
  const clock = makeClock();
  let asked = 0;
  const platform: Platform = {
    now: clock.now,
    random: () => 0.5,
    after: clock.after,
    onWake: () => () => {},
    fetch: () => Promise.resolve(answers[asked++]?.() ?? telling(tick)),
  };
  const states: FeedConnectionState[] = [];
  const refusals: boolean[] = [];
  const lost: string[] = [];
  const connection = makeFeedConnection(
    {
      url: '/graphql',
      body: () => ({}),
      onEvent: (event) => (event.__typename === 'RunDelta' ? onWords() : undefined),
      onTextLost: (runId) => {
        if (!lost.includes(runId)) lost.push(runId);
      },
      onState: (state) => states.push(state),
      onRefusal: (isUnauthenticated) => refusals.push(isUnauthenticated),
    },
    {
      id: 'tab',
      channel: null,
      now: clock.now,
      after: clock.after,
      isVisible: () => true,
      onLook: () => () => {},
      onLeave: () => () => {},
    },
    platform,
  );

  return {
    states,
    refusals,
    lost,
    asked: () => asked,
    close: () => connection.close(),
    pass: clock.pass,
  };
}
