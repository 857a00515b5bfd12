import { createEffect, createSignal, untrack, type Accessor } from 'solid-js';

import type { Chat } from '../store/chat-fragments';

interface UnreadLineOptions {
  room: Accessor<Chat | null>;
  /** Whether the reader is at the end, and so sees what comes. */
  isFollowing: () => boolean;
}

/**
 * Above which message the line stands that says what is new. It stays there while the room is open, though the messages are read, until newer ones
 * come that are out of sight.
 */
export function createUnreadLine({ room, isFollowing }: UnreadLineOptions) {
  const [firstUnreadId, setFirstUnreadId] = createSignal<string | null>(null);
  let isOpened = false;
  let isReadSince = false;

  createEffect(() => {
    const chat = room();
    if (!chat) return;
    const first = chat.firstUnreadId ?? null;
    const isOutOfSight = !isOpened || document.visibilityState !== 'visible' || !untrack(isFollowing);
    isOpened = true;
    if (first === null) {
      isReadSince = true;
      return;
    }
    const isFree = isReadSince || firstUnreadId() === null;
    if (isFree && isOutOfSight) {
      isReadSince = false;
      setFirstUnreadId(first);
    }
  });

  return { firstUnreadId, clear: () => setFirstUnreadId(null) };
}
