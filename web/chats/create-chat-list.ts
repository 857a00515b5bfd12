import { createQuery } from '@urql/solid';
import { createMemo, createSignal, getOwner, onCleanup, runWithOwner, type Accessor } from 'solid-js';
import { graphql } from '../generated';
import type { ChatFilter } from '../generated/graphql';
import type { Chat } from './fragments';

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

/** The chats of a filter, page after page. What changes in one shows at once: it is filtered and sorted here again. */
export function createChatList(filter: Accessor<ChatFilter>, search: Accessor<string>) {
  const owner = getOwner();
  const page = (after: Accessor<string | null>) =>
    createQuery({
      query: Chats,
      variables: () => ({ first: PAGE, after: after(), filter: filter(), search: search().trim() || null }),
    });

  const [pages, setPages] = createSignal([page(() => null)]);
  const last = () => pages().at(-1)?.[0].data?.chats.pageInfo;
  const chats = createMemo(() => {
    const found = new Map<string, Chat>();
    for (const [result] of pages()) for (const chat of result.data?.chats.nodes ?? []) found.set(chat.id, chat);
    return [...found.values()].filter((chat) => isIn(chat, filter())).toSorted(inOrder);
  });

  // Another tab or device may have changed the list while we were away.
  const refresh = () => document.visibilityState === 'visible' && pages()[0]?.[1]({ requestPolicy: 'network-only' });
  document.addEventListener('visibilitychange', refresh);
  onCleanup(() => document.removeEventListener('visibilitychange', refresh));

  return {
    chats,
    isLoading: () => pages()[0]?.[0].fetching ?? false,
    error: () => pages()[0]?.[0].error,
    hasMore: () => last()?.hasNextPage ?? false,
    loadMore: () => {
      const before = pages().at(-1);
      if (!before || !last()?.hasNextPage) return;
      // Each page begins where the one before it ends now, so a list that moved has no gap.
      const next = runWithOwner(owner, () => page(() => before[0].data?.chats.pageInfo.endCursor ?? null));
      if (next) setPages([...pages(), next]);
    },
    retry: () => pages()[0]?.[1]({ requestPolicy: 'network-only' }),
  };
}

function isIn(chat: Chat, filter: ChatFilter): boolean {
  if (filter === 'DELETED') return !!chat.deletedAt;
  return !chat.deletedAt && !!chat.archivedAt === (filter === 'ARCHIVED');
}

function inOrder(one: Chat, other: Chat): number {
  const byPin = Number(!!other.pinnedAt) - Number(!!one.pinnedAt);
  return byPin || lastActivity(other).localeCompare(lastActivity(one));
}

export function lastActivity(chat: Chat): string {
  return chat.lastMessageAt ?? chat.createdAt;
}
