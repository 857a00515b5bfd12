import { db } from '../../database/db.ts';
import { PresenceType } from '../../members/schema.ts';
import { builder } from '../../graphql-builder/builder.ts';
import { encodeGlobalId } from '../../ids.ts';
import { log } from '../../log.ts';
import { type Presence, presences, ROUND_MS } from '../../presence/presence.ts';
import type { FeedsByPerson, OpenFeed, Topic, TopicState } from '../open-feed.ts';
import { chats, memberships } from './chats.ts';

interface PersonPresence {
  personId: string;
  presence: Presence;
}

/** One object for all who receive it. */
export interface PresenceEvent {
  type: 'PresenceChange';
  chatId: string;
  people: PersonPresence[];
}

/** In one event. The others follow with the room's next, two seconds later. */
const MOST_PEOPLE = 200;
/** Of one feed, whose reader takes nothing. */
const MOST_WAITING = 100;

export const presence: Topic<PresenceEvent, PresenceState> = {
  open: (feed, { isActive }) => new PresenceState(feed, isActive),

  listen(feeds) {
    const teller = new Teller(feeds);
    const stopListening = presences.onChange((changed) => void teller.tell(changed));
    return () => {
      stopListening();
      teller[Symbol.dispose]();
    };
  },
};

class PresenceState implements TopicState<PresenceEvent> {
  readonly #feed: OpenFeed;
  readonly #waiting: PresenceEvent[] = [];
  readonly #here: Disposable;

  constructor(feed: OpenFeed, isActive: boolean) {
    this.#feed = feed;
    this.#here = presences.open(feed.viewer.id, isActive);
  }

  get isDue(): boolean {
    return this.#waiting.length > 0;
  }

  note(event: PresenceEvent): void {
    this.#waiting.push(event);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#feed.wake();
  }

  async *next(): AsyncGenerator<PresenceEvent> {
    const event = this.#waiting.shift();
    if (event && memberships.has(event.chatId, this.#feed.viewer.id)) yield event;
  }

  [Symbol.dispose](): void {
    this.#here[Symbol.dispose]();
  }
}

/** Tells each change in the watched rooms that its person is in: one statement for all of them, and one event of a room in a round's time. */
class Teller implements Disposable {
  readonly #feeds: FeedsByPerson;
  /** By room: what is to be told next. */
  readonly #due = new Map<string, Map<string, Presence>>();
  /** By room: when its last event was, where that is less than a round ago. */
  readonly #toldAt = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(feeds: FeedsByPerson) {
    this.#feeds = feeds;
  }

  async tell(changed: ReadonlyMap<string, Presence>): Promise<void> {
    try {
      const rooms = await roomsOf([...changed.keys()], [...this.#watching().keys()]);
      for (const { chatId, personId } of rooms) {
        const people = this.#due.get(chatId) ?? new Map<string, Presence>();
        this.#due.set(chatId, people.set(personId, presences.of(personId)));
      }
    } catch (error) {
      log.warn({ error }, 'Reading who may see presence failed');
    }
    this.#tellDue();
  }

  #tellDue(): void {
    const now = performance.now();
    for (const [chatId, toldAt] of this.#toldAt) if (now - toldAt >= ROUND_MS) this.#toldAt.delete(chatId);
    const watching = this.#watching();
    for (const [chatId, people] of this.#due) {
      const feeds = watching.get(chatId);
      if (!feeds) this.#due.delete(chatId);
      else if (!this.#toldAt.has(chatId)) {
        this.#tellRoom(chatId, people, feeds);
        this.#toldAt.set(chatId, now);
      }
    }
    this.#waitForNext(now);
  }

  #tellRoom(chatId: string, people: ReadonlyMap<string, Presence>, feeds: readonly OpenFeed[]): void {
    const all = [...people];
    const event: PresenceEvent = {
      type: 'PresenceChange',
      chatId,
      people: all.slice(0, MOST_PEOPLE).map(([personId, isPresent]) => ({ personId, presence: isPresent })),
    };
    if (all.length > MOST_PEOPLE) this.#due.set(chatId, new Map(all.slice(MOST_PEOPLE)));
    else this.#due.delete(chatId);
    for (const feed of feeds) feed.of(presence).note(event);
  }

  /** What is still due is of rooms that were told something less than a round ago. */
  #waitForNext(now: number): void {
    clearTimeout(this.#timer);
    if (this.#due.size === 0) return;
    const next = Math.min(...[...this.#due.keys()].map((chatId) => (this.#toldAt.get(chatId) ?? now) + ROUND_MS));
    this.#timer = setTimeout(() => this.#tellDue(), Math.ceil(next - now)).unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #watching(): Map<string, OpenFeed[]> {
    const watching = new Map<string, OpenFeed[]>();
    for (const feed of this.#feeds.all())
      for (const chatId of feed.of(chats).sentRevisions.keys()) {
        const known = watching.get(chatId);
        if (known) known.push(feed);
        else watching.set(chatId, [feed]);
      }
    return watching;
  }
}

function roomsOf(personIds: string[], chatIds: string[]): Promise<{ personId: string; chatId: string }[]> {
  if (chatIds.length === 0 || personIds.length === 0) return Promise.resolve([]);
  return db.$queryRaw`
    SELECT member.user_id::text AS "personId", member.chat_id::text AS "chatId"
    FROM chat_member member JOIN chat ON chat.id = member.chat_id
    WHERE chat.kind = 'ROOM' AND chat.id = ANY(${chatIds}::uuid[])
      AND member.user_id = ANY(${personIds}::uuid[]) AND member.left_at IS NULL`;
}

const PersonPresenceType = builder.objectRef<PersonPresence>('PersonPresence').implement({
  description: 'Whether somebody is here.',
  fields: (t) => ({
    personId: t.id({ description: 'Who.', resolve: ({ personId }) => encodeGlobalId('Person', personId) }),
    presence: t.expose('presence', { type: PresenceType, description: 'Whether they are here now.' }),
  }),
});

export const PresenceChange = builder.objectRef<PresenceEvent>('PresenceChange').implement({
  description:
    'Members of a watched room have come, gone away or left. At most once in two seconds; never told again: `Member.presence` is what it begins with.',
  fields: (t) => ({
    chatId: t.id({ description: 'Which room.', resolve: ({ chatId }) => encodeGlobalId('Chat', chatId) }),
    people: t.field({
      type: [PersonPresenceType],
      description: `Those of them whose presence has changed, at most ${MOST_PEOPLE}.`,
      complexity: { field: 1, multiplier: 10 },
      resolve: ({ people }) => people,
    }),
  }),
});
