/** The changes that are shown: the newest first, older ones when they are asked for, and new ones as they come. */
import { useClient } from '@urql/solid';
import type { CombinedError } from '@urql/core';
import { type Accessor, batch, createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js';
import type { ChangeFilter } from '../generated/graphql';
import { fetchFresh } from '../graphql/client';
import { type ChangePage, ShownChanges, type ShownChange } from './documents';

const PAGE = 50;
const TAIL_MS = 1_500;
/** A page may be empty where the filter is met rarely. So many are read before a click is needed for more. */
const EMPTY_PAGES = 10;
/** More are not kept: the oldest go, and are there again when they are asked for. */
export const MOST_SHOWN = 1_000;

export interface Changes {
  /** Null until the first page is there. */
  list: Accessor<readonly ShownChange[] | null>;
  hasOlder: Accessor<boolean>;
  isLoading: Accessor<boolean>;
  error: Accessor<CombinedError | null>;
  loadOlder: () => Promise<void>;
}

/** `isPaused`: nothing new is added. */
export function createChanges(filter: Accessor<ChangeFilter>, isPaused: Accessor<boolean>): Changes {
  const client = useClient();
  const [list, setList] = createSignal<ChangePage['edges'] | null>(null);
  const [older, setOlder] = createSignal<string | null>(null);
  const [isLoading, setLoading] = createSignal(false);
  const [error, setError] = createSignal<CombinedError | null>(null);
  /** Places in the log that the server gave: before the oldest one shown, and after the newest. */
  let newest: string | null = null;
  /** An answer to what was asked before the filter changed is not shown. */
  let turn = 0;

  async function loadOlder() {
    if (isLoading()) return;
    const own = turn;
    setLoading(true);
    for (let pages = 0; pages < EMPTY_PAGES; pages += 1) {
      const { data, error: failure } = await fetchFresh(client, ShownChanges, {
        last: PAGE,
        before: older(),
        filter: filter(),
      });
      if (own !== turn) return;
      const page = data?.changes;
      batch(() => {
        setError(failure ?? null);
        if (!page) return;
        newest ??= page.pageInfo.endCursor ?? null;
        setOlder(page.pageInfo.hasPreviousPage ? (page.pageInfo.startCursor ?? null) : null);
        setList((shown) => [...(shown ?? []), ...page.edges.toReversed()]);
      });
      if (!page || page.edges.length > 0 || older() === null) break;
    }
    setLoading(false);
  }

  async function loadNewer() {
    if (isPaused() || newest === null || document.visibilityState !== 'visible') return;
    const own = turn;
    const { data } = await fetchFresh(client, ShownChanges, { first: PAGE, after: newest, filter: filter() });
    const page = data?.changes;
    // What fails is tried again soon, and the page itself says when the server is not reached.
    if (own !== turn || !page || isPaused()) return;
    newest = page.pageInfo.endCursor ?? newest;
    if (page.edges.length === 0) return;
    const all = [...page.edges.toReversed(), ...(list() ?? [])];
    batch(() => {
      setList(all.slice(0, MOST_SHOWN));
      if (all.length > MOST_SHOWN) setOlder(all[MOST_SHOWN - 1]?.cursor ?? null);
    });
    if (page.pageInfo.hasNextPage) await loadNewer();
  }

  createEffect(
    on(
      () => JSON.stringify(filter()),
      () => {
        turn += 1;
        newest = null;
        batch(() => {
          setList(null);
          setOlder(null);
          setLoading(false);
        });
        void loadOlder();
      },
    ),
  );

  let isFollowing = false;
  const following = setInterval(() => {
    if (isFollowing) return;
    isFollowing = true;
    void loadNewer().finally(() => (isFollowing = false));
  }, TAIL_MS);
  onCleanup(() => {
    turn += 1;
    clearInterval(following);
  });

  const nodes = createMemo(() => list()?.map(({ node }) => node) ?? null);
  return { list: nodes, hasOlder: () => older() !== null, isLoading, error, loadOlder };
}
