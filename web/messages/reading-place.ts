import type { WindowPlace } from '../store/thread-window';

/** A message and where on the screen it is to stand. */
export interface ThreadTarget {
  messageId: string;
  /** In pixels below the upper edge of the thread. */
  top: number;
  /** Whether it is pointed out for a moment: it was asked for by its address. */
  isMarked: boolean;
}

/** What a thread is opened with. */
export interface ThreadOpening {
  /** Null: at the end of the visible thread. */
  place: WindowPlace | null;
  target: ThreadTarget;
}

let left: { chatId: string; opening: ThreadOpening } | null = null;

/** Keeps where the reader was in the chat that is left; null: at its end. Only the last chat is kept. */
export function leaveThreadAt(chatId: string, opening: ThreadOpening | null): void {
  left = opening && { chatId, opening };
}

/** Where the reader was in this chat, if it was left last. */
export function takeReadingPlace(chatId: string): ThreadOpening | null {
  const found = left?.chatId === chatId ? left.opening : null;
  left = null;
  return found;
}

/** How far below the upper edge a message stands that was asked for. */
const TARGET_TOP_PX = 72;

/** The first message that was not seen yet. */
export function openingAtUnread(messageId: string): ThreadOpening {
  const { place, target } = openingAt(messageId);
  return { place, target: { ...target, isMarked: false } };
}

/** A message that was asked for by its id. */
export function openingAt(messageId: string): ThreadOpening {
  return {
    place: { anchorId: messageId, bottomId: messageId, isBottomLast: false },
    target: { messageId, top: TARGET_TOP_PX, isMarked: true },
  };
}
