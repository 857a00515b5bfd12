import type { Post, Tab } from '../feed/seats';
import { makeClock } from './clock';

/** Tabs that receive each other's posts a millisecond later, on one clock that the test moves. */
export function makeBrowser({ isMute = false } = {}) {
  const clock = makeClock();
  const ears = new Map<string, (post: Post) => void>();
  let opened = 0;

  function open() {
    const id = `tab ${(opened += 1)}`;
    let isVisible = true;
    let isAlive = true;
    let look: (isUse: boolean) => void = () => {};
    let leaves = () => {};
    const tab: Tab = {
      id,
      channel: isMute
        ? null
        : {
            post: (post) => {
              for (const [other, hear] of ears) if (isAlive && other !== id) clock.after(1, () => hear(post));
            },
            listen: (hear) => {
              ears.set(id, (post) => isAlive && hear(post));
              return () => ears.delete(id);
            },
          },
      // Each was opened a moment after the one before.
      now: () => clock.now() + opened,
      after: (ms, call) => clock.after(ms, () => isAlive && call()),
      isVisible: () => isVisible,
      onLook: (call) => {
        look = call;
        return () => {};
      },
      onLeave: (call) => {
        leaves = call;
        return () => {};
      },
    };
    return {
      tab,
      use: () => look(true),
      hide: () => {
        isVisible = false;
        look(false);
      },
      show: () => {
        isVisible = true;
        look(true);
      },
      leave: () => {
        leaves();
        isAlive = false;
      },
      die: () => (isAlive = false),
    };
  }

  return { open, clock };
}
