import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import type { CombinedError } from '@urql/core';

import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import { fetchFresh } from '../graphql/client';
import type { Message } from '../store/message-fragments';

const ThreadPage = graphql(`
  query ThreadPage($chatId: ID!, $first: Int, $last: Int, $before: String, $after: String, $around: ID) {
    chat(id: $chatId) {
      ...ChatFields
      activeRuns {
        ...RunFields
      }
      messages(first: $first, last: $last, before: $before, after: $after, around: $around) {
        nodes {
          ...MessageFields
        }
        pageInfo {
          startCursor
          endCursor
          hasNextPage
        }
      }
    }
  }
`);

/** The message and, below it, the next one of the visible thread. */
const VisibleChild = graphql(`
  query VisibleChild($chatId: ID!, $parentId: ID!) {
    chat(id: $chatId) {
      messages(first: 2, around: $parentId) {
        nodes {
          id
        }
      }
    }
  }
`);

export const PAGE = 50;

type PageKind = 'newest' | 'around' | 'above' | 'below';

interface PageRequest {
  first?: number;
  last?: number;
  before?: string;
  after?: string;
  around?: string;
}

/** What the server named last on its page, and whether there is more below it. */
export interface PageEnd {
  lastId: string | null;
  hasMore: boolean;
}

export type ThreadPages = ReturnType<typeof createThreadPages>;

/** Loads pages of a chat's messages into what is known of it, one at a time. */
export function createThreadPages(chatId: string) {
  const feed = useFeed();
  /** Of the messages at the edges of pages. What the feed sent has no cursor. */
  const cursors = new Map<string, string>();
  const [loading, setLoading] = createSignal<PageKind | null>(null);
  const [failure, setFailure] = createSignal<{ error: CombinedError | undefined; again: () => void }>();
  const [isMissing, setMissing] = createSignal(false);
  let isHere = true;
  onCleanup(() => (isHere = false));

  // What could not be loaded while the line was cut is sought again.
  createEffect(on(feed.reconnected, () => failure()?.again(), { defer: true }));

  /** Calls back when the page is known: not where it failed, until it is asked for again. */
  async function load(kind: PageKind, request: PageRequest, then: (end: PageEnd) => void = () => {}) {
    setLoading(kind);
    const { data, error } = await fetchFresh(feed.client, ThreadPage, { chatId, ...request });
    if (!isHere) return;
    setLoading(null);
    if (error || !data) return setFailure({ error, again: () => void load(kind, request, then) });
    setFailure(undefined);
    if (!data.chat) return setMissing(true);
    const { messages, activeRuns, ...chat } = data.chat;
    const { startCursor, endCursor, hasNextPage } = messages.pageInfo;
    const [first, last] = [messages.nodes[0], messages.nodes.at(-1)];
    if (first && startCursor) cursors.set(first.id, startCursor);
    if (last && endCursor) cursors.set(last.id, endCursor);
    feed.putPage(chat, messages.nodes, { isNewest: kind === 'newest', activeRuns });
    then({ lastId: last?.id ?? null, hasMore: hasNextPage });
  }

  return {
    isMissing,
    loading,
    error: () => failure()?.error,
    retry: () => failure()?.again(),
    loadNewest: (then?: () => void) => void load('newest', { last: PAGE }, then),
    loadAround: (messageId: string, then: (end: PageEnd) => void) =>
      void load('around', { first: PAGE, around: messageId }, then),
    /** The message below a fork on the visible thread, null where the fork is not on it; undefined where that is not known. */
    async visibleChild(parentId: string): Promise<string | null | undefined> {
      const { data } = await fetchFresh(feed.client, VisibleChild, { chatId, parentId });
      const nodes = data?.chat?.messages.nodes;
      return nodes && (nodes[1]?.id ?? null);
    },
    loadAbove(row: Message) {
      const before = cursors.get(row.id);
      // Half of the page around the missing parent lies before it.
      if (before) void load('above', { last: PAGE, before });
      else if (row.parent) void load('above', { first: 2 * PAGE, around: row.parent.id });
    },
    loadBelow(row: Message, then: (end: PageEnd) => void) {
      const after = cursors.get(row.id);
      void load('below', after ? { first: PAGE, after } : { first: 2 * PAGE, around: row.id }, then);
    },
  };
}
