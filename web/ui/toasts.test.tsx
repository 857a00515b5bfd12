import { render } from '@solidjs/testing-library';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { toast, Toasts } from './toasts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  );
  const page = render(() => <Toasts dismissLabel="Dismiss" />);
  onTestFinished(() => {
    // Whatever is left goes by itself.
    vi.advanceTimersByTime(60_000);
    page.unmount();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});

const shown = () => [...document.querySelectorAll('[role=status] > div')];
const words = () => shown().map((each) => each.textContent);
const point = (at: Element | undefined, type: 'pointerenter' | 'pointerleave') => at?.dispatchEvent(new Event(type));

test('a notice goes by itself, one with something to decide later than one to read', () => {
  toast('Saved.');
  toast('Deleted.', { label: 'Undo', run: () => {} });
  vi.advanceTimersByTime(5_900);
  expect(words()).toEqual(['Saved.', 'Deleted.Undo']);
  vi.advanceTimersByTime(200);
  expect(words()).toEqual(['Deleted.Undo']);
  vi.advanceTimersByTime(4_000);
  expect(words()).toEqual([]);
});

test('a notice stays while the pointer is over it, and its time begins anew afterwards', () => {
  toast('Read me.');
  toast('Not me.');
  point(shown()[0], 'pointerenter');
  vi.advanceTimersByTime(60_000);
  expect(words()).toEqual(['Read me.']);
  point(shown()[0], 'pointerleave');
  vi.advanceTimersByTime(5_900);
  expect(words()).toEqual(['Read me.']);
  vi.advanceTimersByTime(200);
  expect(words()).toEqual([]);
});

test('a notice stays while the focus is in it, also when it leaves from one button to the other', () => {
  toast('Deleted.', { label: 'Undo', run: () => {} });
  const [undo, dismiss] = document.querySelectorAll<HTMLButtonElement>('[role=status] button');
  undo?.focus();
  vi.advanceTimersByTime(60_000);
  dismiss?.focus();
  vi.advanceTimersByTime(60_000);
  expect(words()).toEqual(['Deleted.Undo']);
  dismiss?.blur();
  vi.advanceTimersByTime(10_100);
  expect(words()).toEqual([]);
});

test('newer notices take the place of the oldest, but not of one that is being read', () => {
  for (const each of ['1', '2']) toast(each);
  point(shown()[0], 'pointerenter');
  for (const each of ['3', '4', '5']) toast(each);
  expect(words()).toEqual(['1', '3', '4', '5']);
  point(shown()[0], 'pointerleave');
  toast('6');
  expect(words()).toEqual(['4', '5', '6']);
});

test('one button dismisses a notice, the other does what it says and dismisses it too', () => {
  const undo = vi.fn();
  toast('Deleted.', { label: 'Undo', run: undo });
  toast('Saved.');
  document.querySelector<HTMLButtonElement>('[role=status] > div:last-child button')?.click();
  expect(words()).toEqual(['Deleted.Undo']);
  document.querySelector<HTMLButtonElement>('[role=status] button')?.click();
  expect(words()).toEqual([]);
  expect(undo).toHaveBeenCalledOnce();
});
