import { createRoot } from 'solid-js';
import { expect, onTestFinished, test, vi } from 'vitest';

import { createActivity, IDLE_MS } from './activity';

test('a page that was not touched for five minutes is inactive, until it is touched again', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  createRoot((dispose) => {
    onTestFinished(dispose);
    const isActive = createActivity();
    vi.advanceTimersByTime(IDLE_MS - 1_000);
    window.dispatchEvent(new Event('keydown'));
    vi.advanceTimersByTime(IDLE_MS - 1_000);
    expect(isActive()).toBe(true);
    vi.advanceTimersByTime(2_000);
    expect(isActive()).toBe(false);
    window.dispatchEvent(new Event('pointermove'));
    expect(isActive()).toBe(true);
    vi.advanceTimersByTime(IDLE_MS);
    expect(isActive()).toBe(false);
  });
});
