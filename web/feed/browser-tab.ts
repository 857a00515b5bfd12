import { makeClientId } from '../browser/client-id';
import { browserPlatform } from './sse';
import type { Channel, Post, Tab } from './seats';
import { turnsByChannel, turnsByLocks, type AskTurn, type TurnPost } from './visit-turns';

/** Of what a tab says to the others, for the whole browser. */
const CHANNEL = 'confab.feed';
const TURNS = 'confab.visits';

/** The tab that this page is in. */
export function browserTab(): Tab {
  const id = makeClientId();
  return {
    id,
    ...(typeof BroadcastChannel !== 'undefined' && { askTurn: openTurns(id) }),
    channel: typeof BroadcastChannel === 'undefined' ? null : openChannel(),
    now: browserPlatform.now,
    after: browserPlatform.after,
    isVisible: () => document.visibilityState === 'visible',
    onLook(call) {
      const look = () => call(document.visibilityState === 'visible');
      document.addEventListener('visibilitychange', look);
      for (const use of uses) window.addEventListener(use, look, { passive: true });
      return () => {
        document.removeEventListener('visibilitychange', look);
        for (const use of uses) window.removeEventListener(use, look);
      };
    },
    onLeave(call) {
      window.addEventListener('pagehide', call);
      return () => window.removeEventListener('pagehide', call);
    },
  };
}

function openTurns(id: string): AskTurn {
  // Over plain http, but for this machine's own addresses, a page has no locks.
  if ('locks' in navigator) return turnsByLocks(navigator.locks);
  const channel = new BroadcastChannel(TURNS);
  return turnsByChannel(
    id,
    {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no other origin
      post: (post) => channel.postMessage(post),
      listen: (call) => channel.addEventListener('message', ({ data }: MessageEvent<TurnPost>) => call(data)),
    },
    browserPlatform,
  );
}

const uses = ['focus', 'pointerdown', 'keydown'] as const;

function openChannel(): Channel {
  const channel = new BroadcastChannel(CHANNEL);
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no other origin
    post: (post) => channel.postMessage(post),
    listen(call) {
      channel.addEventListener('message', ({ data }: MessageEvent<Post>) => call(data));
      return () => channel.close();
    },
  };
}
