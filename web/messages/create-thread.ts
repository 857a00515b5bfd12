import { batch, createComputed, createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import type { CombinedError } from '@urql/core';

import { lacksEnd, visibleThread, type ThreadState } from '../store/reduce';
import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import { fetchFresh } from '../graphql/client';
import { isActive } from '../store/run';
import type { RunText } from '../store/run-text';
import type { Message } from '../store/message-fragments';

const ThreadPage = graphql(`
  query ThreadPage($chatId: ID!, $first: Int, $last: Int, $before: String, $around: ID) {
    chat(id: $chatId) {
      ...ChatFields
      activeRuns {
        ...RunFields
      }
      messages(first: $first, last: $last, before: $before, around: $around) {
        nodes {
          ...MessageFields
        }
        pageInfo {
          startCursor
        }
      }
    }
  }
`);

const PAGE = 50;

export type Thread = ReturnType<typeof createThread>;

/** The visible thread of a chat as the feed keeps it, backwards as far as the reader has come. */
export function createThread(chatId: string) {
  const feed = useFeed();
  const [places, setPlaces] = createSignal<ReadonlyMap<string, string>>(new Map());
  const [loading, setLoading] = createSignal<'newest' | 'older' | null>(null);
  const [failure, setFailure] = createSignal<{ error: CombinedError | undefined; again: () => void }>();
  const [isMissing, setMissing] = createSignal(false);
  // A store, so that a message that changes keeps its place on the page, and whatever is selected or focused in it.
  const [shown, setShown] = createStore<{ messages: Message[] }>({ messages: [] });
  const [texts, setTexts] = createSignal(feed.known().texts);
  const known = createMemo(() => feed.known().threads.get(chatId));
  let isHere = true;
  onCleanup(() => (isHere = false));

  feed.watch(chatId);
  // In one step: between a run's text that is gone and its message that is not there yet, the answer would lose its elements.
  createComputed<ThreadState | undefined>((before) => {
    const thread = known();
    batch(() => {
      if (thread !== before) setShown('messages', reconcile(thread ? visibleThread(thread) : []));
      setTexts(feed.known().texts);
    });
    return thread;
  });
  if (!known()) loadNewest();

  let soughtAsOf = -1;
  createEffect(() => {
    const thread = known();
    // Once for each head: what a page did not bring, the same page does not bring either.
    if (!thread || loading() || thread.head.asOf === soughtAsOf || !lacksEnd(thread, PAGE)) return;
    soughtAsOf = thread.head.asOf;
    loadNewest();
  });

  // What could not be loaded while the line was cut is sought again.
  createEffect(on(feed.caughtUp, () => failure()?.again(), { defer: true }));

  // What its words did not tell, its message may: the answer may be whole by now.
  createEffect(on(feed.stuck, loadNewest, { defer: true }));

  function loadNewest() {
    void load('newest', { last: PAGE });
  }

  async function load(
    which: 'newest' | 'older',
    place: { first?: number; last?: number; before?: string; around?: string },
  ) {
    setLoading(which);
    const { data, error } = await fetchFresh(feed.client, ThreadPage, { chatId, ...place });
    if (!isHere) return;
    setLoading(null);
    if (error || !data) return setFailure({ error, again: () => void load(which, place) });
    setFailure(undefined);
    if (!data.chat) return setMissing(true);
    const { messages, activeRuns, ...chat } = data.chat;
    const { startCursor } = messages.pageInfo;
    const [first] = messages.nodes;
    if (first && startCursor) setPlaces(new Map([...places(), [first.id, startCursor]]));
    feed.putPage(chat, messages.nodes, { isNewest: which === 'newest', activeRuns });
  }

  const parentOfOldest = () => shown.messages[0]?.parent?.id;
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
    isMissing: () => isMissing() || feed.known().gone.has(chatId),
    isLoading: () => !known() && loading() === 'newest',
    error: () => failure()?.error,
    hasOlder: () => !!parentOfOldest(),
    isLoadingOlder: () => loading() === 'older',
    loadOlder: () => {
      const oldest = shown.messages[0];
      const parentId = parentOfOldest();
      if (!oldest || !parentId || loading()) return;
      const before = places().get(oldest.id);
      // What the feed told has no cursor; then the page around the one that is missing, of which half lies before it.
      void load('older', before ? { last: PAGE, before } : { first: 2 * PAGE, around: parentId });
    },
    retry: () => failure()?.again(),
  };
}
