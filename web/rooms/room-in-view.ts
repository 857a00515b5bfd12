import { createEffect, createSignal, onCleanup } from 'solid-js';

import { createVisible } from '../browser/create-visible';
import type { Chat } from '../store/chat-fragments';

/** At whose end the reader is, in a page that can be seen. */
const [idInView, setIdInView] = createSignal<string | null>(null);

interface RoomInViewOptions {
  room: () => Chat | null;
  /** Whether the reader is at the end, and so sees what comes. */
  isFollowing: () => boolean;
}

/** Says which room is being read, as long as its owner lives. */
export function createRoomInView({ room, isFollowing }: RoomInViewOptions): void {
  const isVisible = createVisible();
  createEffect(() => setIdInView(isVisible() && isFollowing() ? (room()?.id ?? null) : null));
  onCleanup(() => setIdInView(null));
}

type Counts = Pick<Chat, 'unreadCount' | 'mentionCount'>;

const none: Counts = { unreadCount: 0, mentionCount: 0 };

/** What the reader has not seen of a room. It is noted as read only a moment after it came into view, and counts as seen at once. */
export function unseenOf(chat: Chat): Counts {
  return chat.id === idInView() ? none : chat;
}
