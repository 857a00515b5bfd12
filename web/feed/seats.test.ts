import { expect, test } from 'vitest';
import { makeClock } from '../testing/clock';
import { AWAKE_MS, makeSeats, SEATS, type Post, type Seat } from './seats';

test('no more than three hold a feed, and these are the ones that were used last', async () => {
  const browser = makeBrowser();
  const tabs = Array.from({ length: 8 }, () => browser.open());
  await browser.pass(100);
  expect(tabs.map((tab) => tab.seat())).toEqual([...Array(5).fill('visiting'), ...Array(3).fill('held')]);

  tabs[0]?.use();
  await browser.pass(100);
  expect(tabs[0]?.seat()).toBe('held');
  expect(tabs.filter((tab) => tab.seat() === 'held')).toHaveLength(SEATS);
  expect(tabs[5]?.seat()).toBe('visiting');
});

test('a seat is taken when its tab closes, and when it dies without a word', async () => {
  const browser = makeBrowser();
  const tabs = Array.from({ length: 5 }, () => browser.open());
  await browser.pass(100);
  tabs[4]?.leave();
  await browser.pass(100);
  expect(tabs.slice(0, 4).map((tab) => tab.seat())).toEqual(['visiting', 'held', 'held', 'held']);
  tabs[3]?.die();
  await browser.pass(20_000);
  expect(tabs.slice(0, 3).map((tab) => tab.seat())).toEqual(['held', 'held', 'held']);
});

test('a tab that is hidden for a minute lets go, and takes its seat when it is shown', async () => {
  const browser = makeBrowser();
  const hidden = browser.open();
  hidden.hide();
  await browser.pass(AWAKE_MS - 1_000);
  expect(hidden.seat()).toBe('held');
  await browser.pass(2_000);
  expect(hidden.seat()).toBe('asleep');
  hidden.show();
  await browser.pass(10);
  expect(hidden.seat()).toBe('held');
});

test('a hidden tab without a seat does nothing at all', async () => {
  const browser = makeBrowser();
  const [oldest] = Array.from({ length: 4 }, () => browser.open());
  await browser.pass(100);
  oldest?.hide();
  await browser.pass(100);
  expect(oldest?.seat()).toBe('asleep');
});

test('news reach those who hold no feed, and only those', async () => {
  const browser = makeBrowser();
  const tabs = Array.from({ length: 5 }, () => browser.open());
  await browser.pass(100);
  tabs[4]?.tellNews();
  await browser.pass(10);
  expect(tabs.map((tab) => tab.news())).toEqual([1, 1, 0, 0, 0]);
});

test('where tabs cannot speak to each other, each holds its own', async () => {
  const browser = makeBrowser({ isMute: true });
  const tabs = Array.from({ length: 5 }, () => browser.open());
  await browser.pass(20_000);
  expect(tabs.every((tab) => tab.seat() === 'held')).toBe(true);
});

/** Tabs that hear each other a millisecond later, on one clock that goes on when it is told to. */
function makeBrowser({ isMute = false } = {}) {
  const clock = makeClock();
  const ears = new Map<string, (post: Post) => void>();
  let opened = 0;

  function open() {
    const id = `tab ${(opened += 1)}`;
    let isVisible = true;
    let isAlive = true;
    let look: (isUse: boolean) => void = () => {};
    let leaves = () => {};
    let heard = 0;
    const seats = makeSeats(
      {
        id,
        channel: isMute
          ? null
          : {
              post: (post) => {
                for (const [other, hear] of ears) if (isAlive && other !== id) clock.after(1, () => hear(post));
              },
              listen: (hear) => {
                ears.set(id, (post) => isAlive && hear(post));
                return () => ears.delete(id);
              },
            },
        // Each was opened a moment after the one before.
        now: () => clock.now() + opened,
        after: (ms, call) => clock.after(ms, () => isAlive && call()),
        isVisible: () => isVisible,
        onLook: (call) => {
          look = call;
          return () => {};
        },
        onLeave: (call) => {
          leaves = call;
          return () => {};
        },
      },
      { seat: (_seat: Seat) => {}, news: () => (heard += 1) },
    );
    return {
      seat: seats.seat,
      tellNews: seats.tellNews,
      news: () => heard,
      use: () => look(true),
      hide: () => {
        isVisible = false;
        look(false);
      },
      show: () => {
        isVisible = true;
        look(true);
      },
      leave: () => {
        leaves();
        isAlive = false;
      },
      die: () => (isAlive = false),
    };
  }

  return { open, pass: clock.pass };
}
