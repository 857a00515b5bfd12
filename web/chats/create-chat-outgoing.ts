import { createEffect } from 'solid-js';

import type { Thread } from '../messages/create-thread';
import { hasArrived, outgoingIn, takeBack } from '../messages/outbox';

/** The messages of a chat that are on their way, without those that stand in the thread. */
export function createChatOutgoing(chatId: string, thread: Thread) {
  const messages = () =>
    outgoingIn(chatId).filter((message) => message.problem || !hasArrived(message, thread.messages()));

  createEffect(() => {
    // Whatever went wrong, then, it was only with the server's answer.
    const arrived = outgoingIn(chatId).filter(
      (message) => (message.problem || message.isWaiting) && hasArrived(message, thread.messages()),
    );
    for (const { clientId } of arrived) takeBack(clientId);
  });

  return { messages, isSending: () => messages().some((message) => !message.problem) };
}
