import { bus } from '../../bus/bus.ts';
import { builder } from '../../graphql-builder/builder.ts';
import { encodeGlobalId } from '../../ids.ts';
import { loadPeople } from '../../people/load.ts';
import { Person } from '../../people/schema.ts';
import type { FeedsByPerson, FeedStart, OpenFeed, Topic, TopicState } from '../open-feed.ts';
import { MOST_WRITERS, writers } from '../writers.ts';
import { chats, memberships } from './chats.ts';

/** One object for all who receive it. */
export interface TypingEvent {
  type: 'TypingChange';
  chatId: string;
  personIds: string[];
}

export const typing: Topic<TypingEvent, TypingState> = {
  open: (feed, start) => new TypingState(feed, start),

  listen(feeds) {
    const stops = [
      writers.onChange((chatId, personIds) => notify(feeds, { type: 'TypingChange', chatId, personIds })),
      bus.listen('typing', (chatId, personId) => {
        const [someMember] = memberships.membersOf(chatId);
        if (someMember) writers.note(chatId, personId);
      }),
      bus.listen('memberGone', (chatId, personId) => writers.clear(chatId, [personId])),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  },
};

function notify(feeds: FeedsByPerson, event: TypingEvent): void {
  for (const memberId of memberships.membersOf(event.chatId)) {
    for (const feed of feeds.of(memberId)) if (feed.of(chats).watches(event.chatId)) feed.of(typing).note(event);
  }
}

class TypingState implements TopicState<TypingEvent> {
  readonly #feed: OpenFeed;
  /** By room: what comes later counts alone. */
  readonly #waiting = new Map<string, TypingEvent>();

  constructor(feed: OpenFeed, { chats: cursors }: FeedStart) {
    this.#feed = feed;
    for (const { id: chatId } of cursors) {
      const personIds = writers.of(chatId);
      if (personIds.length > 0) this.#waiting.set(chatId, { type: 'TypingChange', chatId, personIds });
    }
  }

  get isDue(): boolean {
    return this.#waiting.size > 0;
  }

  note(event: TypingEvent): void {
    this.#waiting.set(event.chatId, event);
    this.#feed.wake();
  }

  async *next(): AsyncGenerator<TypingEvent> {
    const [event] = this.#waiting.values();
    if (!event) return;
    this.#waiting.delete(event.chatId);
    if (memberships.has(event.chatId, this.#feed.viewer.id)) yield event;
  }
}

export const TypingChange = builder.objectRef<TypingEvent>('TypingChange').implement({
  description:
    'People began or ceased to write in a watched room, the viewer among them. A feed that is opened is told who writes then; where nobody does, nothing.',
  fields: (t) => ({
    chatId: t.id({ description: 'Which room.', resolve: ({ chatId }) => encodeGlobalId('Chat', chatId) }),
    people: t.prismaField({
      type: [Person],
      description: `All who write there now, at most ${MOST_WRITERS}, those who began first before the others.`,
      complexity: { field: 1, multiplier: 3 },
      resolve: (query, { personIds }) => loadPeople(query, personIds),
    }),
  }),
});
