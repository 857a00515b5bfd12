import type { CombinedError } from '@urql/core';
import { createEffect, createMemo, createSignal, on, type Accessor } from 'solid-js';
import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { ChatFilter } from '../generated/graphql';
import { fetchFresh } from '../graphql/client';
import type { Chat } from '../store/chat-fragments';

const PAGE = 40;

const Chats = graphql(`
  query Chats($first: Int!, $after: String, $filter: ChatFilter!, $search: String) {
    chats(first: $first, after: $after, filter: $filter, search: $search) {
      nodes {
        ...ChatFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** How far the list has been asked for. */
interface Reach {
  pages: number;
  endCursor: string | null;
  hasNextPage: boolean;
  /** The last chat of the last page as it was then: what comes after it waits for the next page. */
  last: Chat | null;
  /** Only the server knows what a search finds. */
  found: ReadonlySet<string> | null;
}

/**
 * The chats of a filter, page after page. The pages only say which chats there are; how each one is, and so whether and where it is
 * shown, is what the newest revision of it says, by whichever way that came. So an answer that is late cannot put anything back.
 */
export function createChatList(filter: Accessor<ChatFilter>, search: Accessor<string>) {
  const feed = useFeed();
  const [reach, setReach] = createSignal<Reach | null>(null);
  const [error, setError] = createSignal<CombinedError>();
  const [isLoading, setLoading] = createSignal(true);
  const words = () => search().trim() || null;
  // Words that stream in leave the chats as they are: then there is nothing to put in order anew.
  const known = createMemo(() => feed.known().chats);
  let asked = 0;

  createEffect(
    on([filter, words], () => {
      setReach(null);
      void load(1);
    }),
  );
  createEffect(on(feed.caughtUp, () => void load(reach()?.pages ?? 1), { defer: true }));
  // A chat that got another title may be found now, or no longer.
  const titles = createMemo(() => (words() ? [...known().values()].map(({ title }) => title).join('\n') : ''));
  createEffect(on(titles, () => words() && void load(reach()?.pages ?? 1), { defer: true }));

  /** Asks for that many pages from the start; whatever was asked before counts no longer. */
  async function load(pages: number) {
    asked += 1;
    const turn = asked;
    setLoading(true);
    setError(undefined);
    const before = feed.known().chats;
    const asking = { filter: filter(), search: words() };
    const answered: Chat[] = [];
    let last: { hasNextPage: boolean; endCursor?: string | null } = { hasNextPage: true, endCursor: null };
    for (let page = 0; page < pages && last.hasNextPage; page += 1) {
      const { data, error } = await fetchFresh(feed.client, Chats, { first: PAGE, after: last.endCursor, ...asking });
      if (turn !== asked) return;
      if (error || !data) {
        setLoading(false);
        return setError(error);
      }
      answered.push(...data.chats.nodes);
      last = data.chats.pageInfo;
    }
    const next: Reach = {
      pages,
      endCursor: last.endCursor ?? null,
      hasNextPage: last.hasNextPage,
      last: answered.at(-1) ?? null,
      found: asking.search ? new Set(answered.map(({ id }) => id)) : null,
    };
    if (!asking.search) {
      const expected = [...before.values()].filter((chat) => isIn(chat, asking.filter) && isWithin(chat, next));
      feed.forgetMissing(expected, answered);
    }
    feed.putChats(answered);
    setReach(next);
    setLoading(false);
  }

  const chats = createMemo(() => {
    const end = reach();
    const those = [...known().values()].filter((chat) => isIn(chat, filter()));
    const found = end?.found;
    if (words()) return found ? those.filter(({ id }) => found.has(id)).toSorted(inOrder) : [];
    return those.filter((chat) => !end || isWithin(chat, end)).toSorted(inOrder);
  });

  return {
    chats,
    isLoading,
    error,
    hasMore: () => reach()?.hasNextPage ?? false,
    loadMore: () => {
      if (!isLoading()) void load((reach()?.pages ?? 0) + 1);
    },
    retry: () => void load(reach()?.pages ?? 1),
  };
}

function isIn(chat: Chat, filter: ChatFilter): boolean {
  if (filter === 'DELETED') return !!chat.deletedAt;
  return !chat.deletedAt && !!chat.archivedAt === (filter === 'ARCHIVED');
}

function isWithin(chat: Chat, { hasNextPage, last }: Reach): boolean {
  return !hasNextPage || !last || inOrder(chat, last) <= 0;
}

function inOrder(one: Chat, other: Chat): number {
  const byPin = Number(!!other.pinnedAt) - Number(!!one.pinnedAt);
  return byPin || lastActivity(other).localeCompare(lastActivity(one));
}

export function lastActivity(chat: Chat): string {
  return chat.lastMessageAt ?? chat.createdAt;
}
