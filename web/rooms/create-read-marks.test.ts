import { createRoot, createSignal } from 'solid-js';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { type Feed, FeedProvider } from '../feed/create-feed';
import type { outlivingPage } from '../graphql/client';
import { chatAt } from '../testing/rows';
import { createReadMarks } from './create-read-marks';

const marked: unknown[] = [];

beforeEach(() => {
  marked.length = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

function open(unreadCount: number) {
  const [room, setRoom] = createSignal(chatAt(1, { kind: 'ROOM', unreadCount }));
  const mutation = (_document: unknown, { input }: { input: unknown }, context: typeof outlivingPage) => {
    marked.push(input);
    expect(context.fetchOptions.keepalive).toBe(true);
    return { toPromise: () => Promise.resolve({ data: { markRead: { __typename: 'ForbiddenError' } } }) };
  };
  const value = { client: { mutation }, putMutation: () => {} } as unknown as Feed;
  return createRoot((dispose) => {
    let noteSeen = (_seq: number) => {};
    FeedProvider({
      value,
      get children() {
        noteSeen = createReadMarks(room);
        return null;
      },
    });
    return { room, setRoom, noteSeen, dispose };
  });
}

test('what is in view is noted after a pause, or when one leaves before', () => {
  const { room, noteSeen, dispose } = open(3);
  const chatId = room().id;
  noteSeen(4);
  expect(marked).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(marked).toEqual([{ chatId, seq: 4 }]);
  noteSeen(6);
  dispose();
  expect(marked).toEqual([
    { chatId, seq: 4 },
    { chatId, seq: 6 },
  ]);
});

test('a message that came into view is noted when one leaves before it is counted as unread', () => {
  const { room, setRoom, noteSeen, dispose } = open(0);
  const chatId = room().id;
  noteSeen(4);
  noteSeen(5);
  setRoom({ ...room(), id: 'another' });
  dispose();
  expect(marked).toEqual([{ chatId, seq: 5 }]);
});

test('nothing is noted where all was read when the room was opened', () => {
  const { noteSeen, dispose } = open(0);
  noteSeen(4);
  vi.advanceTimersByTime(1_000);
  dispose();
  expect(marked).toEqual([]);
});

test('what is in view is noted when the page is hidden or closed before the pause ends, and once', () => {
  const { room, noteSeen, dispose } = open(3);
  const chatId = room().id;
  noteSeen(4);
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  onTestFinished(() => visibility.mockRestore());
  document.dispatchEvent(new Event('visibilitychange'));
  expect(marked).toEqual([{ chatId, seq: 4 }]);
  vi.advanceTimersByTime(1_000);
  expect(marked).toHaveLength(1);
  dispose();
});
