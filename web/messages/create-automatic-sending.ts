import { createEffect, createMemo, on, onCleanup } from 'solid-js';
import type { Feed } from '../feed/create-feed';
import { hasSessionEnded } from '../graphql/client';

/** Messages of one person that could not be sent and are to be sent later. */
export interface AutomaticQueue {
  waitingCount: () => number;
  /** Changes when something that was in the way no longer is. */
  obstacles?: () => unknown;
  /** Attempts what can be sent now. Each result says whether it was sent. */
  sendAll: () => Promise<boolean>[];
  /** Takes over what earlier pages of this browser have left. */
  takeLeft: () => void;
  /** The same of pages that crashed. */
  takeOrphans: () => Promise<void>;
}

const FIRST_RETRY_MS = 3_000;
const LONGEST_RETRY_MS = 60_000;

/**
 * Sends what waits whenever that may be possible: at once, when the connection is back, when the person has signed in again, when what
 * was in the way no longer is, and after a while. Ends with the caller's owner.
 */
export function createAutomaticSending(feed: Feed, queues: readonly AutomaticQueue[]): void {
  const waitingCount = createMemo(() => queues.reduce((count, queue) => count + queue.waitingCount(), 0));
  const obstacles = createMemo(() => queues.map((queue) => queue.obstacles?.()).join(' '));
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function sendAll() {
    clearTimeout(timer);
    if (hasSessionEnded() || !navigator.onLine) return;
    for (const sending of queues.flatMap((queue) => queue.sendAll())) void sending.then(count);
  }

  function count(isSent: boolean) {
    failures = isSent ? 0 : failures + 1;
    sendLater();
  }

  /** There may be no event when it is possible: the connection of the feed can be open while requests fail. */
  function sendLater() {
    clearTimeout(timer);
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1));
    if (waitingCount() > 0) timer = setTimeout(sendAll, wait);
  }

  createEffect(on(waitingCount, sendLater, { defer: true }));
  createEffect(on([feed.connection, feed.reconnected, hasSessionEnded, obstacles], sendAll, { defer: true }));
  window.addEventListener('online', sendAll);
  onCleanup(() => {
    window.removeEventListener('online', sendAll);
    clearTimeout(timer);
  });
  for (const queue of queues) queue.takeLeft();
  sendAll();
  for (const queue of queues) void queue.takeOrphans().then(sendAll);
}
