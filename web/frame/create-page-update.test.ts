import { createRoot, createSignal } from 'solid-js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createPageUpdate } from './create-page-update';

let reloads = 0;
let dispose = () => {};

beforeEach(() => {
  reloads = 0;
  sessionStorage.clear();
  vi.useFakeTimers();
});

afterEach(() => {
  dispose();
  document.body.replaceChildren();
  vi.useRealTimers();
});

/** A page of version `own`; returns what the server says its version is. */
function open(own: string | null) {
  const [version, say] = createSignal<string | null>(null);
  dispose = createRoot((disposeRoot) => {
    createPageUpdate(version, { own, reload: () => void (reloads += 1) });
    return disposeRoot;
  });
  return say;
}

test('an older page is reloaded once it was not touched for some seconds', () => {
  const say = open('one.js');
  say('one.js');
  vi.advanceTimersByTime(60_000);
  expect(reloads).toBe(0);

  say('two.js');
  for (let keys = 0; keys < 10; keys += 1) {
    document.dispatchEvent(new KeyboardEvent('keydown'));
    vi.advanceTimersByTime(2_000);
  }
  expect(reloads).toBe(0);
  vi.advanceTimersByTime(6_000);
  expect(reloads).toBe(1);
});

test('it waits for an open dialog and for what is not saved', () => {
  const say = open('one.js');
  const dialog = document.createElement('div');
  dialog.setAttribute('role', 'dialog');
  document.body.append(dialog);
  const warn = (event: Event) => event.preventDefault();
  window.addEventListener('beforeunload', warn);
  say('two.js');
  vi.advanceTimersByTime(60_000);
  expect(reloads).toBe(0);

  dialog.remove();
  vi.advanceTimersByTime(60_000);
  expect(reloads).toBe(0);

  window.removeEventListener('beforeunload', warn);
  vi.advanceTimersByTime(2_000);
  expect(reloads).toBe(1);
});

test('it is reloaded once for each version, though the next page is as old', () => {
  open('one.js')('two.js');
  vi.advanceTimersByTime(10_000);
  dispose();
  const say = open('one.js');
  say('two.js');
  vi.advanceTimersByTime(60_000);
  expect(reloads).toBe(1);

  say('three.js');
  vi.advanceTimersByTime(10_000);
  expect(reloads).toBe(2);
});

test('a page of a development server is left alone', () => {
  open(null)('two.js');
  vi.advanceTimersByTime(60_000);
  expect(reloads).toBe(0);
});
