import { createRoot } from 'solid-js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { emptyState, type FeedState } from '../store/reduce';
import { createDrawnState, type DrawnState } from './create-drawn-state';

let state: DrawnState;
let dispose = () => {};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['requestAnimationFrame', 'cancelAnimationFrame'] });
  state = createRoot((disposeRoot) => {
    dispose = disposeRoot;
    return createDrawnState();
  });
});

afterEach(() => {
  dispose();
  vi.useRealTimers();
});

const another = (): FeedState => ({ ...emptyState });

test('the changes of one frame are all in the state at once, and are drawn once, with that frame', () => {
  const states = Array.from({ length: 50 }, another);
  for (const next of states) {
    state.drawInFrame(next);
    expect(state.latest()).toBe(next);
  }
  expect(state.drawn()).toBe(emptyState);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersToNextFrame();
  expect(state.drawn()).toBe(states.at(-1));
  expect(vi.getTimerCount()).toBe(0);
});

test('what is drawn at once takes what waited for a frame along', () => {
  state.drawInFrame(another());
  const next = another();
  state.draw(next);
  expect([state.drawn(), state.latest()]).toEqual([next, next]);
  expect(vi.getTimerCount()).toBe(0);
});

test('what is drawn later is drawn with the next change', () => {
  const silent = another();
  state.drawLater(silent);
  expect(state.latest()).toBe(silent);
  expect(state.drawn()).toBe(emptyState);
  expect(vi.getTimerCount()).toBe(0);
});

test('a frame that is due is not drawn after the owner is gone', () => {
  state.drawInFrame(another());
  dispose();
  expect(vi.getTimerCount()).toBe(0);
});
