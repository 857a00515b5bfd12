/**
 * A browser opens six connections to one origin, for all its tabs together, and an open feed takes one of them. So only the three
 * tabs that were used last keep a feed open. The other visible tabs poll, and also ask when another tab reports news. Each tab derives
 * its role from what all of them broadcast. No tab is leader, so any may close.
 */
import type { AskTurn } from './visit-turns';

export type TabRole =
  /** Keeps a feed open. */
  | 'live'
  /** Visible, without an open feed: asks now and then, and when there is news. */
  | 'polling'
  /** Hidden: has no feed. */
  | 'idle';

export const SEATS = 3;
/** A tab that was hidden this long closes its feed. */
export const HIDDEN_FEED_MS = 60_000;
const SAY_EVERY_MS = 4_000;
/** A tab that said nothing for this long is gone, though it could not say so. */
const SILENT_MS = 11_000;

/** What a tab says to the others. */
export type Post =
  /** I am awake. `isNew`: the others answer with their own post. */
  { type: 'here'; tab: string; usedAt: number; isNew: boolean } | { type: 'gone'; tab: string } | { type: 'news' };

export interface Channel {
  post: (post: Post) => void;
  listen: (call: (post: Post) => void) => () => void;
}

/** What the browser gives us; a test brings its own. */
export interface Tab {
  id: string;
  /** How its polls wait for those of other tabs; without it none has to wait. */
  askTurn?: AskTurn;
  /** Null: there is no way to talk to other tabs. Then each keeps its own feed open. */
  channel: Channel | null;
  now: () => number;
  after: (ms: number, call: () => void) => () => void;
  isVisible: () => boolean;
  /** Calls back when it is shown, hidden or made use of. */
  onLook: (call: (isUse: boolean) => void) => () => void;
  /** Calls back when it is about to close. */
  onLeave: (call: () => void) => () => void;
}

export interface Seats {
  seat: () => TabRole;
  /** Something changed on the server: tabs that poll ask at once. */
  notifyTabs: () => void;
  close: () => void;
}

export function makeSeats(tab: Tab, on: { seat: (seat: TabRole) => void; news: () => void }): Seats {
  const others = new Map<string, { usedAt: number; heardAt: number }>();
  let usedAt = tab.now();
  let hiddenAt = tab.isVisible() ? Infinity : tab.now();
  let current: TabRole = 'idle';
  let stopTimer = () => {};

  const stops = [
    tab.channel?.listen(receive) ?? (() => {}),
    tab.onLook(look),
    tab.onLeave(() => tab.channel?.post({ type: 'gone', tab: tab.id })),
  ];
  say(true);
  settle();

  return {
    seat: () => current,
    notifyTabs: () => tab.channel?.post({ type: 'news' }),
    close() {
      stopTimer();
      tab.channel?.post({ type: 'gone', tab: tab.id });
      for (const stop of stops) stop();
    },
  };

  function look(isUse: boolean) {
    hiddenAt = tab.isVisible() ? Infinity : Math.min(hiddenAt, tab.now());
    const isLast = [...others.values()].every((other) => other.usedAt < usedAt);
    if (isUse && (!isLast || current === 'idle')) {
      usedAt = tab.now();
      say(false);
    }
    settle();
  }

  function receive(post: Post) {
    if (post.type === 'news') {
      if (current === 'polling') on.news();
      return;
    }
    if (post.type === 'gone') others.delete(post.tab);
    else {
      others.set(post.tab, { usedAt: post.usedAt, heardAt: tab.now() });
      if (post.isNew) say(false);
    }
    settle();
  }

  function say(isNew: boolean) {
    if (isAwake()) tab.channel?.post({ type: 'here', tab: tab.id, usedAt, isNew });
  }

  function isAwake(): boolean {
    return tab.now() - hiddenAt < HIDDEN_FEED_MS;
  }

  function settle() {
    stopTimer();
    stopTimer = tab.after(Math.min(SAY_EVERY_MS, Math.max(0, hiddenAt + HIDDEN_FEED_MS - tab.now())), beat);
    for (const [id, { heardAt }] of others) if (tab.now() - heardAt > SILENT_MS) others.delete(id);
    const seat = find();
    if (seat === current) return;
    if (seat === 'idle' && !isAwake()) tab.channel?.post({ type: 'gone', tab: tab.id });
    current = seat;
    on.seat(seat);
  }

  function beat() {
    if (!isAwake()) {
      settle();
      // Nothing to do until the tab is shown.
      stopTimer();
      return;
    }
    say(false);
    settle();
  }

  function find(): TabRole {
    if (!isAwake()) return 'idle';
    const before = [...others].filter(
      ([id, other]) => other.usedAt > usedAt || (other.usedAt === usedAt && id > tab.id),
    ).length;
    if (before < SEATS) return 'live';
    return tab.isVisible() ? 'polling' : 'idle';
  }
}
