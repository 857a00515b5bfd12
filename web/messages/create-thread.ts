import { batch, createComputed, createEffect, createMemo, createSignal, on } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';

import { useFeed } from '../feed/create-feed';
import type { Message } from '../store/message-fragments';
import { isOld, lacksEnd } from '../store/reduce';
import { isActive } from '../store/run';
import type { RunText } from '../store/run-text';
import type { ThreadWindow } from '../store/thread-window';
import { createThreadPages, PAGE } from './create-thread-pages';
import { createThreadWindow } from './create-thread-window';
import type { ThreadOpening } from './reading-place';

export type Thread = ReturnType<typeof createThread>;

/** A chat's messages as the feed keeps them: its visible thread backwards from the end, or a window around one message. */
export function createThread(chatId: string, opening: ThreadOpening | null = null) {
  const feed = useFeed();
  const pages = createThreadPages(chatId);
  const known = createMemo(() => feed.state().threads.get(chatId));
  const { shown, loadAnchor, ...window } = createThreadWindow(known, pages, opening);
  // A store, so that a message that changes keeps its place on the page, and whatever is selected or focused in it.
  const [rows, setRows] = createStore<{ messages: Message[] }>({ messages: [] });
  const [texts, setTexts] = createSignal(feed.state().texts);

  feed.watch(chatId);
  // In one step: between a run's text that is gone and its message that is not there yet, the answer would lose its elements.
  createComputed<ThreadWindow | undefined>((before) => {
    const next = shown();
    batch(() => {
      if (next !== before) setRows('messages', reconcile([...next.rows]));
      setTexts(feed.state().texts);
    });
    return next;
  });
  if (known()) loadAnchor();
  else pages.loadNewest(loadAnchor);

  let renewedRevision = 0;
  createEffect(() => {
    const state = feed.state();
    const resetRevision = state.chats.get(chatId)?.resetRevision ?? 0;
    // Once for each: what could not be loaded is asked for again by the pages.
    if (!isOld(state, chatId) || pages.loading() || renewedRevision >= resetRevision) return;
    renewedRevision = resetRevision;
    pages.loadNewest(loadAnchor);
  });

  let soughtRevision = -1;
  createEffect(() => {
    const thread = known();
    // Once for each head: what a page did not bring, the same page does not bring either.
    if (!thread || pages.loading() || thread.head.revision === soughtRevision || !lacksEnd(thread, PAGE)) return;
    soughtRevision = thread.head.revision;
    pages.loadNewest();
  });

  // Where its deltas did not follow, its message may have the words: the answer may be whole by now.
  createEffect(on(feed.textLost, () => pages.loadNewest(), { defer: true }));

  /** In the whole chat: while one runs on a branch that is not shown, nothing else can be asked either, and it can be stopped. */
  const activeRuns = createMemo(() => [...(known()?.runs.values() ?? [])].map(({ row }) => row).filter(isActive));
  const activeRunIds = createMemo(() => activeRuns().map(({ id }) => id));
  const shownRunIds = createMemo(() => rows.messages.flatMap(({ run }) => (run && isActive(run) ? [run.id] : [])));

  return {
    ...window,
    messages: () => rows.messages,
    textOf: (runId: string): RunText | undefined => texts().get(runId),
    activeRuns,
    activeRunIds,
    shownRunIds,
    isMissing: () => pages.isMissing() || feed.state().gone.has(chatId),
    isLoading: () => !!pages.loading() && rows.messages.length === 0,
    loading: pages.loading,
    error: pages.error,
    retry: pages.retry,
  };
}
