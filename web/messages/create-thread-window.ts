import { batch, createEffect, createMemo, createSignal, type Accessor } from 'solid-js';

import type { ThreadState } from '../store/reduce';
import { forkAbove, threadWindow, type ThreadWindow } from '../store/thread-window';
import type { PageEnd, ThreadPages } from './create-thread-pages';
import { openingAt, type ThreadOpening } from './reading-place';

/** Which part of a chat is shown, and the pages that it lacks. */
export function createThreadWindow(
  known: Accessor<ThreadState | undefined>,
  pages: ThreadPages,
  opening: ThreadOpening | null,
) {
  const [place, setPlace] = createSignal(opening?.place ?? null);
  const [target, setTarget] = createSignal(opening?.target ?? null);
  const [isAnchorMissing, setAnchorMissing] = createSignal(false);
  const shown = createMemo(() => {
    const thread = known();
    return thread ? threadWindow(thread, place()) : noWindow;
  });
  // Once it is a part of the visible thread, the window follows it, to whatever branch it goes.
  createEffect(() => place() && shown().branch === 'visible' && setPlace(null));

  // A hole hides where the branches meet: the server says which way the visible thread goes there. Once for each head.
  let asked = '';
  createEffect(() => {
    const [at, head, { branch, rows }] = [place(), known()?.head.row, shown()];
    const fork = at && branch === 'unknown' ? forkAbove(rows, at.anchorId) : undefined;
    if (!at || !fork?.parent || head === undefined || asked === `${at.anchorId} ${head}`) return;
    asked = `${at.anchorId} ${head}`;
    void learnBranch(at.anchorId, fork.id, fork.parent.id, head);
  });

  async function learnBranch(anchorId: string, forkId: string, parentId: string, headId: string | null) {
    const visibleId = await pages.visibleChild(parentId);
    if (visibleId === undefined || visibleId === forkId) return;
    setPlace((at) => (at?.anchorId === anchorId ? { ...at, otherThanHeadId: headId } : at));
  }

  function show(messageId: string, next = openingAt(messageId)) {
    setAnchorMissing(false);
    batch(() => {
      setPlace(next.place);
      setTarget(next.target);
    });
    if (known()) loadAnchor();
  }

  function loadAnchor() {
    const wanted = place();
    if (!wanted || shown().rows.length > 0) return;
    pages.loadAround(wanted.anchorId, (end) => {
      if (place()?.anchorId !== wanted.anchorId) return;
      if (end.lastId) return extend(wanted.anchorId, end);
      setPlace(null);
      setTarget(null);
      setAnchorMissing(true);
    });
  }

  function extend(anchorId: string, { lastId, hasMore }: PageEnd) {
    setPlace((at) => {
      if (at?.anchorId !== anchorId) return at;
      return { ...at, bottomId: lastId ?? at.bottomId, isBottomLast: !hasMore };
    });
  }

  return {
    shown,
    place,
    /** The message that is to come into view once it is there. */
    target,
    /** The target is in view. */
    reached: () => setTarget(null),
    /** The message that was asked for is not in this chat. */
    isAnchorMissing,
    /** The message that was asked for, where it is on another branch than the visible one. */
    anchorElsewhere: () => (shown().branch === 'other' ? (place()?.anchorId ?? null) : null),
    hasMoreAbove: () => shown().hasMoreAbove,
    hasMoreBelow: () => shown().hasMoreBelow,
    /** Shows a message with what is around it, in whatever branch it is. */
    show,
    showNewest: () => setPlace(null),
    /** A branch was selected: shows the visible thread, with this message of it. */
    follow: (messageId: string) => {
      setPlace(null);
      if (!shown().rows.some(({ id }) => id === messageId)) show(messageId);
    },
    /** Loads what is around the anchor, unless it is known already. */
    loadAnchor,
    loadAbove: () => {
      const row = shown().rows[0];
      if (row && shown().hasMoreAbove && !pages.loading()) pages.loadAbove(row);
    },
    loadBelow: () => {
      const row = shown().rows.at(-1);
      const anchorId = place()?.anchorId;
      if (!row || !anchorId || !shown().hasMoreBelow || pages.loading()) return;
      pages.loadBelow(row, (end) => extend(anchorId, end));
    },
  };
}

const noWindow: ThreadWindow = {
  rows: [],
  hasMoreAbove: false,
  hasMoreBelow: false,
  hole: null,
  branch: 'unknown',
};
