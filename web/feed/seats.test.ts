import { expect, test } from 'vitest';
import { makeBrowser } from '../testing/browser';
import { HIDDEN_FEED_MS, makeSeats, SEATS } from './seats';

test('no more than three hold a feed, and these are the ones that were used last', async () => {
  const browser = openBrowser();
  const tabs = Array.from({ length: 8 }, () => browser.open());
  await browser.pass(100);
  expect(tabs.map((tab) => tab.seat())).toEqual([...Array(5).fill('polling'), ...Array(3).fill('live')]);

  tabs[0]?.use();
  await browser.pass(100);
  expect(tabs[0]?.seat()).toBe('live');
  expect(tabs.filter((tab) => tab.seat() === 'live')).toHaveLength(SEATS);
  expect(tabs[5]?.seat()).toBe('polling');
});

test('a seat is taken when its tab closes, and when it dies without a word', async () => {
  const browser = openBrowser();
  const tabs = Array.from({ length: 5 }, () => browser.open());
  await browser.pass(100);
  tabs[4]?.leave();
  await browser.pass(100);
  expect(tabs.slice(0, 4).map((tab) => tab.seat())).toEqual(['polling', 'live', 'live', 'live']);
  tabs[3]?.die();
  await browser.pass(20_000);
  expect(tabs.slice(0, 3).map((tab) => tab.seat())).toEqual(['live', 'live', 'live']);
});

test('a tab that is hidden for a minute lets go, and takes its seat when it is shown', async () => {
  const browser = openBrowser();
  const hidden = browser.open();
  hidden.hide();
  await browser.pass(HIDDEN_FEED_MS - 1_000);
  expect(hidden.seat()).toBe('live');
  await browser.pass(2_000);
  expect(hidden.seat()).toBe('idle');
  hidden.show();
  await browser.pass(10);
  expect(hidden.seat()).toBe('live');
});

test('a hidden tab without a seat does nothing at all', async () => {
  const browser = openBrowser();
  const [oldest] = Array.from({ length: 4 }, () => browser.open());
  await browser.pass(100);
  oldest?.hide();
  await browser.pass(100);
  expect(oldest?.seat()).toBe('idle');
});

test('news reach those who hold no feed, and only those', async () => {
  const browser = openBrowser();
  const tabs = Array.from({ length: 5 }, () => browser.open());
  await browser.pass(100);
  tabs[4]?.notifyTabs();
  await browser.pass(10);
  expect(tabs.map((tab) => tab.news())).toEqual([1, 1, 0, 0, 0]);
});

test('where tabs cannot talk to each other, each holds its own', async () => {
  const browser = openBrowser({ isMute: true });
  const tabs = Array.from({ length: 5 }, () => browser.open());
  await browser.pass(20_000);
  expect(tabs.every((tab) => tab.seat() === 'live')).toBe(true);
});

/** Tabs of which each has nothing but its seat. */
function openBrowser({ isMute = false } = {}) {
  const browser = makeBrowser({ isMute });
  return {
    pass: browser.clock.pass,
    open() {
      let heard = 0;
      const { tab, ...hands } = browser.open();
      const { seat, notifyTabs } = makeSeats(tab, { seat: () => {}, news: () => (heard += 1) });
      return { ...hands, seat, notifyTabs, news: () => heard };
    },
  };
}
