/** What the browser says of its tabs, as the browser says it. */
import { afterEach, expect, test, vi } from 'vitest';

import { browserTab } from './browser-tab';
import type { Post } from './seats';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** As the browser does when a tab is hidden or shown. */
function turn(visibility: DocumentVisibilityState): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibility);
  document.dispatchEvent(new Event('visibilitychange'));
}

test('a tab knows when it is hidden, shown and made use of', () => {
  const tab = browserTab();
  const looks: boolean[] = [];
  const stop = tab.onLook((isUse) => looks.push(isUse));
  expect(tab.isVisible()).toBe(true);
  turn('hidden');
  expect([tab.isVisible(), looks]).toEqual([false, [false]]);
  turn('visible');
  expect([tab.isVisible(), looks]).toEqual([true, [false, true]]);
  for (const type of ['focus', 'pointerdown', 'keydown']) window.dispatchEvent(new Event(type));
  expect(looks.slice(2)).toEqual([true, true, true]);

  stop();
  turn('hidden');
  window.dispatchEvent(new Event('focus'));
  expect(looks).toHaveLength(5);
});

test('a tab knows when its page is left, until it does not want to', () => {
  const leave = vi.fn();
  const stop = browserTab().onLeave(leave);
  window.dispatchEvent(new Event('pagehide'));
  expect(leave).toHaveBeenCalledOnce();
  stop();
  window.dispatchEvent(new Event('pagehide'));
  expect(leave).toHaveBeenCalledOnce();
});

test('tabs receive each other’s posts, not their own, and none once they are closed', async () => {
  const [one, other, third] = [browserTab(), browserTab(), browserTab()];
  expect(new Set([one.id, other.id, third.id]).size).toBe(3);
  const heard: [string, Post][] = [];
  const [stop, ...stops] = [one, other, third].map(({ id, channel }) =>
    channel?.listen((post) => heard.push([id, post])),
  );
  const [here, gone]: Post[] = [
    { type: 'here', tab: one.id, usedAt: 1, isNew: true },
    { type: 'gone', tab: other.id },
  ];
  one.channel?.post(here as Post);
  await expect
    .poll(() => heard)
    .toEqual([
      [other.id, here],
      [third.id, here],
    ]);

  stop?.();
  other.channel?.post(gone as Post);
  await expect.poll(() => heard.slice(2)).toEqual([[third.id, gone]]);
  for (const each of stops) each?.();
});

test('where there is no channel to others, a tab says so', () => {
  vi.stubGlobal('BroadcastChannel', undefined);
  expect(browserTab().channel).toBeNull();
});
