import { batch, createComputed, createEffect, createMemo, createSignal, on } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';

import { useFeed } from '../feed/create-feed';
import type { Message } from '../store/message-fragments';
import { lacksEnd } from '../store/reduce';
import { isActive } from '../store/run';
import type { RunText } from '../store/run-text';
import { threadWindow, type ThreadWindow } from '../store/thread-window';
import { createThreadPages, PAGE, type PageEnd } from './create-thread-pages';
import { openingAt, type ThreadOpening } from './reading-place';

export type Thread = ReturnType<typeof createThread>;

/** A chat's messages as the feed keeps them: its visible thread backwards from the end, or a window around one message. */
export function createThread(chatId: string, opening: ThreadOpening | null = null) {
  const feed = useFeed();
  const pages = createThreadPages(chatId);
  const [place, setPlace] = createSignal(opening?.place ?? null);
  /** The message that is to come into view once it is there. */
  const [target, setTarget] = createSignal(opening?.target ?? null);
  /** The message that was asked for is not in this chat. */
  const [isAnchorMissing, setAnchorMissing] = createSignal(false);
  // A store, so that a message that changes keeps its place on the page, and whatever is selected or focused in it.
  const [shown, setShown] = createStore<{ messages: Message[] }>({ messages: [] });
  const [texts, setTexts] = createSignal(feed.known().texts);
  const known = createMemo(() => feed.known().threads.get(chatId));
  const shownWindow = createMemo(() => {
    const thread = known();
    return thread ? threadWindow(thread, place()) : noWindow;
  });

  feed.watch(chatId);
  // In one step: between a run's text that is gone and its message that is not there yet, the answer would lose its elements.
  createComputed<ThreadWindow | undefined>((before) => {
    const next = shownWindow();
    batch(() => {
      if (next !== before) setShown('messages', reconcile([...next.rows]));
      setTexts(feed.known().texts);
    });
    return next;
  });
  if (!known()) pages.loadNewest(loadAnchor);
  else loadAnchor();
  // Once it is a part of the visible thread, the window follows it, to whatever branch it goes.
  createEffect(() => place() && shownWindow().branch === 'visible' && setPlace(null));

  let soughtAsOf = -1;
  createEffect(() => {
    const thread = known();
    // Once for each head: what a page did not bring, the same page does not bring either.
    if (!thread || pages.loading() || thread.head.asOf === soughtAsOf || !lacksEnd(thread, PAGE)) return;
    soughtAsOf = thread.head.asOf;
    pages.loadNewest();
  });

  // What its words did not tell, its message may: the answer may be whole by now.
  createEffect(on(feed.stuck, () => pages.loadNewest(), { defer: true }));

  /** Shows a message with what is around it, in whatever branch it is. */
  function show(messageId: string) {
    const next = openingAt(messageId);
    setAnchorMissing(false);
    batch(() => {
      setPlace(next.place);
      setTarget(next.target);
    });
    if (known()) loadAnchor();
  }

  /** Loads what is around the anchor, unless it is known already. */
  function loadAnchor() {
    const wanted = place();
    if (!wanted || shownWindow().rows.length > 0) return;
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
      return { anchorId, bottomId: lastId ?? at.bottomId, isBottomLast: !hasMore };
    });
  }

  /** A branch was selected: shows the visible thread, with this message of it. */
  function follow(messageId: string) {
    setPlace(null);
    if (!shownWindow().rows.some(({ id }) => id === messageId)) show(messageId);
  }

  /** In the whole chat: while one runs on a branch that is not shown, nothing else can be asked either, and it can be stopped. */
  const activeRunIds = createMemo(() => {
    const runs = [...(known()?.runs.values() ?? [])].map(({ row }) => row);
    return runs.filter(isActive).map(({ id }) => id);
  });
  const shownRunIds = createMemo(() => shown.messages.flatMap(({ run }) => (run && isActive(run) ? [run.id] : [])));

  return {
    messages: () => shown.messages,
    textOf: (runId: string): RunText | undefined => texts().get(runId),
    activeRunIds,
    shownRunIds,
    isMissing: () => pages.isMissing() || feed.known().gone.has(chatId),
    isLoading: () => !!pages.loading() && shown.messages.length === 0,
    loading: pages.loading,
    error: pages.error,
    retry: pages.retry,
    place,
    target,
    /** The target is in view. */
    reached: () => setTarget(null),
    show,
    follow,
    showNewest: () => setPlace(null),
    isAnchorMissing,
    /** The message that was asked for, where it is on another branch than the visible one. */
    anchorElsewhere: () => (shownWindow().branch === 'other' ? (place()?.anchorId ?? null) : null),
    hasMoreAbove: () => shownWindow().hasMoreAbove,
    hasMoreBelow: () => shownWindow().hasMoreBelow,
    loadAbove: () => {
      const row = shown.messages[0];
      if (row && shownWindow().hasMoreAbove && !pages.loading()) pages.loadAbove(row);
    },
    loadBelow: () => {
      const row = shown.messages.at(-1);
      const anchorId = place()?.anchorId;
      if (!row || !anchorId || !shownWindow().hasMoreBelow || pages.loading()) return;
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
