import type { CombinedError } from '@urql/core';
import { createEffect, createMemo, createSignal, on, type Accessor } from 'solid-js';
import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { ChatFilter, ChatKind } from '../generated/graphql';
import { fetchFresh } from '../graphql/client';
import type { Chat } from '../store/chat-fragments';

const PAGE = 40;
/** The server gives no more in one page. */
const MOST_AT_ONCE = 100;

const Chats = graphql(`
  query Chats($first: Int!, $after: String, $filter: ChatFilter!, $kind: ChatKind, $search: String) {
    chats(first: $first, after: $after, filter: $filter, kind: $kind, search: $search) {
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
  /** How many chats the server has named. */
  count: number;
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
export function createChatList(
  filter: Accessor<ChatFilter>,
  search: Accessor<string>,
  { kind = null, first = PAGE }: { kind?: ChatKind | null; first?: number } = {},
) {
  const feed = useFeed();
  const [reach, setReach] = createSignal<Reach | null>(null);
  const [error, setError] = createSignal<CombinedError>();
  const [isLoading, setLoading] = createSignal(true);
  const words = () => search().trim() || null;
  // Deltas leave the chats as they are: then there is nothing to sort again.
  const known = createMemo(() => feed.state().chats);
  const isOfKind = (chat: Chat) => kind === null || chat.kind === kind;
  let asked = 0;

  createEffect(
    on([filter, words], () => {
      setReach(null);
      void load(null, first);
    }),
  );
  createEffect(on(feed.reconnected, () => void loadAgain(), { defer: true }));
  // A chat that got another title may be found now, or no longer.
  const titles = createMemo(() => (words() ? [...known().values()].map(({ title }) => title).join('\n') : ''));
  createEffect(on(titles, () => words() && void loadAgain(), { defer: true }));

  const loadAgain = () => load(null, Math.max(first, reach()?.count ?? 0));

  /** Asks for that many chats after a place; whatever was asked before counts no longer. */
  async function load(from: Reach | null, count: number) {
    asked += 1;
    const turn = asked;
    setLoading(true);
    setError(undefined);
    const before = feed.state().chats;
    const asking = { filter: filter(), kind, search: words() };
    const answered: Chat[] = [];
    let last: { hasNextPage: boolean; endCursor?: string | null } = from ?? { hasNextPage: true, endCursor: null };
    while (answered.length < count && last.hasNextPage) {
      const size = Math.min(count - answered.length, MOST_AT_ONCE);
      const { data, error } = await fetchFresh(feed.client, Chats, { first: size, after: last.endCursor, ...asking });
      if (turn !== asked) return;
      if (error || !data) {
        setLoading(false);
        return setError(error);
      }
      answered.push(...data.chats.nodes);
      last = data.chats.pageInfo;
      if (data.chats.nodes.length === 0) break;
    }
    const next: Reach = {
      count: (from?.count ?? 0) + answered.length,
      endCursor: last.endCursor ?? from?.endCursor ?? null,
      hasNextPage: last.hasNextPage,
      last: answered.at(-1) ?? from?.last ?? null,
      found: asking.search ? new Set([...(from?.found ?? []), ...answered.map(({ id }) => id)]) : null,
    };
    if (!asking.search) {
      const isExpected = (chat: Chat) =>
        isOfKind(chat) && isIn(chat, asking.filter) && isWithin(chat, next) && !(from && isWithin(chat, from));
      feed.forgetMissing([...before.values()].filter(isExpected), answered);
    }
    feed.putChats(answered);
    setReach(next);
    setLoading(false);
  }

  const chats = createMemo(() => {
    const end = reach();
    const those = [...known().values()].filter((chat) => isOfKind(chat) && isIn(chat, filter()));
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
      if (!isLoading()) void load(reach(), PAGE);
    },
    retry: () => void loadAgain(),
  };
}

export function isIn(chat: Chat, filter: ChatFilter): boolean {
  if (filter === 'DELETED') return !!chat.deletedAt;
  return !chat.deletedAt && !!chat.archivedAt === (filter === 'ARCHIVED');
}

function isWithin(chat: Chat, { hasNextPage, last }: Reach): boolean {
  return !hasNextPage || !last || inOrder(chat, last) <= 0;
}

export function inOrder(one: Chat, other: Chat): number {
  const byPin = Number(!!other.pinnedAt) - Number(!!one.pinnedAt);
  return byPin || lastActivity(other).localeCompare(lastActivity(one));
}

export function lastActivity(chat: Chat): string {
  return chat.lastMessageAt ?? chat.createdAt;
}
