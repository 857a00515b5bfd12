import { createRoot, createSignal } from 'solid-js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { type Feed, FeedProvider } from '../feed/create-feed';
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
  const mutation = (_document: unknown, { input }: { input: unknown }) => {
    marked.push(input);
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
