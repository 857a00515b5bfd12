import { createStore } from 'solid-js/store';

import type { Message } from '../store/message-fragments';

/** What the next message of a room replies to, for each room of this page. */
const [targets, setTargets] = createStore<Record<string, Message | undefined>>({});

export function replyTargetIn(chatId: string): Message | undefined {
  return targets[chatId];
}

export function setReplyTarget(chatId: string, message: Message | undefined): void {
  // Not merged into the message before.
  setTargets(chatId, undefined);
  if (message) setTargets(chatId, { ...message });
}
