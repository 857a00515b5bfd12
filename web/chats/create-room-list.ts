import { createEffect, createMemo, createSignal, on, type Accessor } from 'solid-js';
import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { ChatFilter } from '../generated/graphql';
import { fetchFresh } from '../graphql/client';
import { unseenOf } from '../rooms/room-in-view';
import type { Chat } from '../store/chat-fragments';
import { createChatList, inOrder, isIn } from './create-chat-list';

/** So many are shown at first, since the private chats stand below them. */
const FIRST = 10;
const UNREAD_PAGE = 100;
const MOST_UNREAD = 500;

const UnreadRooms = graphql(`
  query UnreadRooms($first: Int!, $after: String) {
    chats(first: $first, after: $after, kind: ROOM, onlyUnread: true) {
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

/**
 * The rooms of a filter, page after page, and above them all with unread messages, however long ago something was said there. One that
 * was unread stays in the list when it is read.
 */
export function createRoomList(filter: Accessor<ChatFilter>, search: Accessor<string>) {
  const feed = useFeed();
  const list = createChatList(filter, search, { kind: 'ROOM', first: FIRST });
  const known = createMemo(() => feed.state().chats);
  const unreadIds = createMemo<ReadonlySet<string>>((before) => {
    const those = [...known().values()].filter((chat) => isUnread(chat) && !before.has(chat.id));
    return those.length === 0 ? before : new Set([...before, ...those.map(({ id }) => id)]);
  }, new Set());
  const [isUnreadAsked, setUnreadAsked] = createSignal(false);
  createEffect(on(feed.reconnected, () => void loadUnread().finally(() => setUnreadAsked(true))));

  async function loadUnread() {
    const inList = new Set(list.chats().map(({ id }) => id));
    const before = [...feed.state().chats.values()].filter((chat) => isUnread(chat) && !inList.has(chat.id));
    const answered: Chat[] = [];
    let after: string | null = null;
    do {
      const { data } = await unreadAfter(after);
      // The feed goes on telling, and the next time it has caught up it is asked again.
      if (!data) return;
      answered.push(...data.chats.nodes);
      after = data.chats.pageInfo.hasNextPage ? (data.chats.pageInfo.endCursor ?? null) : null;
    } while (after && answered.length < MOST_UNREAD);
    if (!after) feed.forgetMissing(before, answered);
    feed.putChats(answered);
  }

  const unreadAfter = (after: string | null) => fetchFresh(feed.client, UnreadRooms, { first: UNREAD_PAGE, after });

  const chats = createMemo(() => {
    const listed = list.chats();
    const ids = new Set(listed.map(({ id }) => id));
    const others = search().trim()
      ? []
      : [...unreadIds()].flatMap((id) => {
          const chat = ids.has(id) ? undefined : known().get(id);
          return chat && isIn(chat, filter()) ? [chat] : [];
        });
    return [...listed, ...others].toSorted(unreadFirst);
  });

  return { ...list, chats, isLoading: () => list.isLoading() || !isUnreadAsked() };
}

export type RoomList = ReturnType<typeof createRoomList>;

function isUnread(chat: Chat): boolean {
  return chat.kind === 'ROOM' && !chat.mutedAt && unseenOf(chat).unreadCount > 0;
}

function unreadFirst(one: Chat, other: Chat): number {
  return Number(isUnread(other)) - Number(isUnread(one)) || inOrder(one, other);
}
