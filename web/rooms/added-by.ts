import type { Message } from '../store/message-fragments';

/** The event by which a member was added to a room, until they write something. Null: they came by themselves, or it is long ago. */
export function addedBy(messages: readonly Message[], personId: string): Message | null {
  for (const message of messages.toReversed()) {
    if (message.event?.kind === 'ADDED' && message.event.people.some(({ id }) => id === personId)) return message;
    if (message.author?.id === personId) return null;
  }
  return null;
}
