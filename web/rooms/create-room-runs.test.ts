import { createRoot, createSignal } from 'solid-js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { type Feed, FeedProvider } from '../feed/create-feed';
import type { Run } from '../store/run';
import { createRoomRuns } from './create-room-runs';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the words of an answer do not put off the list of who answers and who waits', async () => {
  const waiting: Pick<Run, 'id' | 'status'> = { id: 'run', status: 'QUEUED' };
  const [active, setActive] = createSignal([waiting]);
  let asked = 0;
  const executeQuery = () => {
    asked += 1;
    return { toPromise: () => Promise.resolve({ data: { chat: { activeRuns: active() } } }) };
  };
  const { runs, dispose } = createRoot((end) => {
    let list = () => [] as readonly unknown[];
    FeedProvider({
      value: { client: { executeQuery } } as unknown as Feed,
      get children() {
        list = createRoomRuns(() => 'room', active);
        return null;
      },
    });
    return { runs: list, dispose: end };
  });
  // Each word makes the list another one.
  for (let word = 0; word < 10; word += 1) {
    await vi.advanceTimersByTimeAsync(40);
    setActive([waiting]);
  }
  expect(runs()).toEqual([waiting]);
  expect(asked).toBe(1);

  const running = { ...waiting, status: 'RUNNING' as const };
  setActive([running]);
  await vi.advanceTimersByTimeAsync(100);
  expect(runs()).toEqual([running]);
  dispose();
});
