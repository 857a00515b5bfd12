/**
 * Turns of the tabs that poll the server, so that their visits leave connections free for everything else. Turns are given in the
 * order of asking. A tab that closes during its turn releases it.
 */
import type { Platform } from './sse';

/** Visits at once, in all tabs of a browser together. */
export const MOST_VISITS = 2;
/** The others drop a tab that has a turn or waits for one after this long without a post; it posts more often. */
export const SILENT_MS = 10_000;
const SAY_EVERY_MS = 3_000;
/** How long to wait for posts of tabs that ask at the same moment. */
const HEAR_MS = 50;

/** Calls back when the turn has come; what that is given ends the turn. Returns how to ask no longer, or to end it. */
export type AskTurn = (enter: () => void) => () => void;

/** The browser itself keeps the turns, where it has locks: on https and on this machine. */
export function turnsByLocks(locks: Pick<LockManager, 'request'>): AskTurn {
  return (enter) => {
    const asking = new AbortController();
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    let hasEntered = false;
    for (let place = 0; place < MOST_VISITS; place += 1) {
      const request = locks.request(`confab.visit.${place}`, { signal: asking.signal }, () => {
        // The other place became free at the same moment: one is enough.
        if (hasEntered || asking.signal.aborted) return undefined;
        hasEntered = true;
        asking.abort();
        enter();
        return ended;
      });
      request.catch(() => {
        // It is asked for no longer.
      });
    }
    return () => {
      asking.abort();
      end();
    };
  };
}

/** What tabs post to each other about their turns. `at` orders those that wait. */
export type TurnPost = { tab: string; at: number; state: 'waits' | 'visits' | 'left' };

export interface TurnChannel {
  post: (post: TurnPost) => void;
  listen: (call: (post: TurnPost) => void) => void;
}

/** The tabs agree among themselves, where there are no locks: each knows who asked before it. */
export function turnsByChannel(tab: string, channel: TurnChannel, clock: Pick<Platform, 'now' | 'after'>): AskTurn {
  const others = new Map<string, TurnPost & { heardAt: number }>();
  let check = () => {};

  channel.listen((post) => {
    if (post.state === 'left') others.delete(post.tab);
    else others.set(post.tab, { ...post, heardAt: clock.now() });
    check();
  });

  function isFirst(at: number): boolean {
    for (const [id, { heardAt }] of others) if (clock.now() - heardAt > SILENT_MS) others.delete(id);
    const before = [...others].filter(
      ([id, other]) => other.state === 'visits' || other.at < at || (other.at === at && id < tab),
    );
    return before.length < MOST_VISITS;
  }

  return (enter) => {
    const at = clock.now();
    let state: TurnPost['state'] = 'waits';
    let stopSaying = () => {};
    let isHeard = false;

    const say = () => {
      channel.post({ tab, at, state });
      stopSaying = clock.after(SAY_EVERY_MS, () => {
        say();
        check();
      });
    };
    const stopHearing = clock.after(HEAR_MS, () => {
      isHeard = true;
      check();
    });
    check = () => {
      if (state !== 'waits' || !isHeard || !isFirst(at)) return;
      state = 'visits';
      stopSaying();
      say();
      enter();
    };
    say();

    return () => {
      if (state === 'left') return;
      state = 'left';
      check = () => {};
      stopSaying();
      stopHearing();
      channel.post({ tab, at, state });
    };
  };
}
