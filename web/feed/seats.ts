/**
 * A browser opens six connections to one origin, all its tabs together, and a feed takes one for as long as it is held. So no more
 * than three tabs hold one, those that were used last; the others that can be seen visit the server now and then, and whoever
 * hears news tells the rest. They agree by what each says of itself: nobody leads, so nobody's death matters.
 */
import type { AskTurn } from './visit-turns';

export type Seat =
  /** Holds a feed. */
  | 'held'
  /** Has none to hold, but is looked at: asks now and then, and when there is news. */
  | 'visiting'
  /** Nobody looks at it. */
  | 'asleep';

export const SEATS = 3;
/** A tab that was hidden this long closes its feed. */
export const HIDDEN_FEED_MS = 60_000;
const SAY_EVERY_MS = 4_000;
/** Who said nothing for this long is gone, though it could not say so. */
const SILENT_MS = 11_000;

/** What a tab says to the others. */
export type Post =
  /** I am awake. `isNew`: tell me of yourselves. */
  { type: 'here'; tab: string; usedAt: number; isNew: boolean } | { type: 'gone'; tab: string } | { type: 'news' };

export interface Channel {
  post: (post: Post) => void;
  listen: (call: (post: Post) => void) => () => void;
}

/** What the browser gives us; a test brings its own. */
export interface Tab {
  id: string;
  /** How its visits wait for those of other tabs; without it none has to wait. */
  askTurn?: AskTurn;
  /** Null: there is no way to talk to other tabs. Then each holds its own feed. */
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
  seat: () => Seat;
  /** Something changed on the server: whoever holds no feed may want to ask. */
  notifyTabs: () => void;
  close: () => void;
}

export function makeSeats(tab: Tab, on: { seat: (seat: Seat) => void; news: () => void }): Seats {
  const others = new Map<string, { usedAt: number; heardAt: number }>();
  let usedAt = tab.now();
  let hiddenAt = tab.isVisible() ? Infinity : tab.now();
  let current: Seat = 'asleep';
  let stopTimer = () => {};

  const stops = [
    tab.channel?.listen(hear) ?? (() => {}),
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
    if (isUse && (!isLast || current === 'asleep')) {
      usedAt = tab.now();
      say(false);
    }
    settle();
  }

  function hear(post: Post) {
    if (post.type === 'news') {
      if (current === 'visiting') on.news();
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
    if (seat === 'asleep' && !isAwake()) tab.channel?.post({ type: 'gone', tab: tab.id });
    current = seat;
    on.seat(seat);
  }

  function beat() {
    if (!isAwake()) {
      settle();
      // Nothing to do until somebody looks.
      stopTimer();
      return;
    }
    say(false);
    settle();
  }

  function find(): Seat {
    if (!isAwake()) return 'asleep';
    const before = [...others].filter(
      ([id, other]) => other.usedAt > usedAt || (other.usedAt === usedAt && id > tab.id),
    ).length;
    if (before < SEATS) return 'held';
    return tab.isVisible() ? 'visiting' : 'asleep';
  }
}
