import { createRoot, createSignal } from 'solid-js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPacedMemo } from './create-paced-memo';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A text that gets one more character each 10 ms for 5 s, by a clock that goes on by `cost` ms with each computation. */
function write(cost: number, mayWait = true) {
  let clock = 1_000;
  let runs = 0;
  let writtenAt: number[] = [];
  let longestWait = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
  return createRoot((dispose) => {
    const [text, setText] = createSignal('');
    const [isGrowing, setGrowing] = createSignal(mayWait);
    const shown = createPacedMemo<string>(
      () => {
        runs += 1;
        clock += cost;
        return text();
      },
      '',
      isGrowing,
    );
    for (let count = 1; count <= 500; count++) {
      clock += 10;
      vi.advanceTimersByTime(10);
      writtenAt.push(clock);
      setText('x'.repeat(count));
      const missing = writtenAt.slice(-(count - shown().length) || writtenAt.length);
      longestWait = Math.max(longestWait, clock - (missing[0] ?? clock));
    }
    setGrowing(false);
    const end = shown();
    dispose();
    return { runs, longestWait, end, share: (runs * cost) / (clock - 1_000) };
  });
}

test('what takes long runs for about a quarter of the time, no change waits long, and the end is whole', () => {
  const { runs, longestWait, end, share } = write(60);
  expect(runs).toBeGreaterThan(10);
  expect(share).toBeLessThan(0.3);
  expect(longestWait).toBeLessThanOrEqual(250 + 60);
  expect(end).toHaveLength(500);
});

test('also what takes very long is not delayed for longer', () => {
  const { longestWait, share } = write(200);
  expect(longestWait).toBeLessThanOrEqual(250 + 200);
  expect(share).toBeLessThan(0.5);
});

test('what is quick, or may not wait, runs at each change', () => {
  expect(write(5).runs).toBeGreaterThanOrEqual(501);
  expect(write(60, false).runs).toBe(501);
});
