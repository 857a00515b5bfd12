import { reaches, type Viewer } from '../../auth/viewer.ts';
import { bus } from '../../bus/bus.ts';
import { ownView, type OwnView } from '../../chats/own-view.ts';
import { Chat } from '../../chats/schema.ts';
import { visibleTo } from '../../chats/visible.ts';
import { db } from '../../database/db.ts';
import { shareRead } from '../../database/shared-reads.ts';
import { builder } from '../../graphql-builder/builder.ts';
import { AnyMember, type RequestContext } from '../../graphql-builder/context.ts';
import type { SharedEvent, SharedPart } from '../../graphql-builder/plain-events.ts';
import { encodeGlobalId } from '../../ids.ts';
import { Message } from '../../messages/schema.ts';
import { Run } from '../../runs/schema.ts';
import { type Changes, changesAfter, type ChatState, stateOf } from '../changes.ts';
import { Memberships } from '../memberships.ts';
import {
  type FeedsByPerson,
  type FeedStart,
  type OpenFeed,
  TICK_MS,
  type Topic,
  type TopicState,
} from '../open-feed.ts';
import { writers } from '../writers.ts';
import { words } from './words.ts';

export type ChatsEvent =
  | { type: 'ChatChange'; changes: Changes; own: OwnView }
  | { type: 'ChatListChange'; state: ChatState; own: OwnView }
  /** `id`: the chat's global id, as the client gave it. */
  | { type: 'ChatGone'; id: string };

type EventOf<Type extends ChatsEvent['type']> = Extract<ChatsEvent, { type: Type }>;

/** Nothing is known of what is new: read it. */
const NEWEST = Infinity;

export const memberships = new Memberships();

export const chats: Topic<ChatsEvent, ChatsState> = {
  open: (feed, start) => new ChatsState(feed, start),

  listen(feeds) {
    const statesOf = (personId: string) => Array.from(feeds.of(personId), (feed) => feed.of(chats));
    const stops = [
      bus.listen('chatChanged', (chatId, revision) => {
        for (const memberId of memberships.membersOf(chatId))
          for (const state of statesOf(memberId)) state.noteRevision(chatId, revision);
      }),
      bus.listen('memberAdded', (chatId, personId) => {
        if (!memberships.add(chatId, personId)) return;
        for (const state of statesOf(personId)) state.noteChange(chatId);
      }),
      bus.listen('memberGone', (chatId, personId) => {
        const isNews = memberships.remove(chatId, personId);
        for (const state of statesOf(personId)) if (isNews || state.watches(chatId)) state.noteChange(chatId);
      }),
      // The hint is no news then, and the person's other feeds may not have read it yet.
      memberships.onGone((chatId, personId, by) => {
        for (const state of statesOf(personId)) if (state !== by) state.noteChange(chatId);
      }),
      bus.listen('membershipChanged', (chatId, personId) => {
        for (const state of statesOf(personId)) state.noteOwnChange(chatId);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  },

  async poll(feeds, byPerson) {
    await pollMemberships(feeds, byPerson);
    await pollWatchedChats(feeds);
    await pollRecentChats(feeds);
  },
};

class ChatsState implements TopicState<ChatsEvent> {
  readonly #feed: OpenFeed;
  /** Of the watched chats: all that changed until this revision was sent. */
  readonly sentRevisions: Map<string, number>;
  /** Of the other chats: the revisions that hints named lately. */
  readonly #notedRevisions = new Map<string, number>();
  /** What is to be read, and at least how new it has to be. */
  readonly #changed: Map<string, number>;
  /** Of which only the viewer's own part has changed, watched or not: the chat's revision is the same. */
  readonly #ownChanged = new Set<string>();
  /** Which version of the viewer's own part of a chat was sent last. */
  readonly #sentVersions = new Map<string, string>();
  /** From where on the viewer saw a chat when it was read last. */
  readonly #sights = new Map<string, number>();
  /** With which membership a watched chat was read last. */
  readonly #joinedSeqs = new Map<string, number>();
  /** Chats that the viewer no longer sees, to be sent as gone after the next read. */
  readonly #unsentGone = new Set<string>();
  readonly #unknownIds: string[];

  constructor(feed: OpenFeed, { chats: cursors, unknownIds }: FeedStart) {
    this.#feed = feed;
    this.sentRevisions = new Map(cursors.map(({ id, after }) => [id, after]));
    this.#changed = new Map(cursors.map(({ id }) => [id, NEWEST]));
    this.#unknownIds = [...unknownIds];
    memberships.open(feed.viewer.id);
  }

  get isDue(): boolean {
    return this.#changed.size > 0 || this.#ownChanged.size > 0 || this.#unknownIds.length > 0;
  }

  watches(chatId: string): boolean {
    return this.sentRevisions.has(chatId);
  }

  /** Does nothing where that is known already. */
  noteRevision(chatId: string, revision: number): void {
    const known = this.sentRevisions.get(chatId) ?? this.#notedRevisions.get(chatId) ?? -1;
    if (revision <= known) return;
    if (!this.sentRevisions.has(chatId)) this.#notedRevisions.set(chatId, revision);
    this.noteChange(chatId, revision);
  }

  /** To be read, whatever is known. */
  noteChange(chatId: string, revision = NEWEST): void {
    if (!reaches(this.#feed.viewer, chatId)) return;
    this.#changed.set(chatId, Math.max(revision, this.#changed.get(chatId) ?? -1));
    this.#feed.wake();
  }

  /** The poll found this version: it is sent, unless it was. */
  noteOwnVersion(chatId: string, version: string): void {
    if (this.#sentVersions.get(chatId) !== version) this.noteOwnChange(chatId);
  }

  noteOwnChange(chatId: string): void {
    if (!reaches(this.#feed.viewer, chatId)) return;
    this.#ownChanged.add(chatId);
    this.#feed.wake();
  }

  /** Forgets what was noted longer ago than `pollRecentChats` reads. */
  forgetAllBut(chatIds: ReadonlySet<string>): void {
    for (const chatId of this.#notedRevisions.keys()) if (!chatIds.has(chatId)) this.#notedRevisions.delete(chatId);
  }

  async *next(): AsyncGenerator<ChatsEvent> {
    for (const id of this.#unknownIds.splice(0)) yield { type: 'ChatGone', id };
    const [ownId] = this.#ownChanged;
    if (ownId !== undefined) {
      this.#ownChanged.delete(ownId);
      const known = this.sentRevisions.get(ownId) ?? this.#notedRevisions.get(ownId) ?? 0;
      yield* this.#listChange(ownId, known);
    }
    const [change] = this.#changed;
    if (change === undefined) return;
    const [chatId, revision] = change;
    this.#changed.delete(chatId);
    const sent = this.sentRevisions.get(chatId);
    if (sent === undefined) yield* this.#listChange(chatId, revision);
    else yield* this.#changesOf(chatId, { after: sent, revision });
  }

  async *#listChange(chatId: string, revision: number): AsyncGenerator<ChatsEvent> {
    const state = await stateOf(chatId, revision);
    const own = await this.#ownView(chatId);
    if (!state || !own) return yield* this.#gone(chatId);
    this.#sentVersions.set(chatId, own.version);
    if (!this.sentRevisions.has(chatId)) this.#notedRevisions.set(chatId, state.revision);
    if (this.#unsentGone.delete(chatId)) yield chatGone(chatId);
    yield { type: 'ChatListChange', state, own };
  }

  /** Sent once: where more was noted during the read, the next read sends it, also if that finds the viewer back. */
  *#gone(chatId: string): Generator<ChatsEvent> {
    this.sentRevisions.delete(chatId);
    this.#sights.delete(chatId);
    this.#joinedSeqs.delete(chatId);
    this.#sentVersions.delete(chatId);
    this.#feed.of(words).leaveChat(chatId);
    if (this.#changed.has(chatId) || this.#ownChanged.has(chatId)) return void this.#unsentGone.add(chatId);
    this.#unsentGone.delete(chatId);
    yield chatGone(chatId);
  }

  async *#changesOf(chatId: string, since: { after: number; revision: number }): AsyncGenerator<ChatsEvent> {
    const [changes, own] = await this.#seenChanges(chatId, since);
    if (!changes || !own) return yield* this.#gone(chatId);
    if (this.#isBack(chatId, since.after, own)) {
      this.noteChange(chatId);
      return yield* this.#gone(chatId);
    }
    const followed = this.#feed.of(words);
    // Of all that is left: also those whose answers the viewer may see no longer.
    if (!changes.hasMore) followed.keepOnly(chatId, changes.runningIds);
    for (const id of changes.runningIds) followed.follow(id, chatId);
    if (!changes.isNews) return;
    this.sentRevisions.set(chatId, changes.revision);
    this.#sentVersions.set(chatId, own.version);
    // The message that a person was typing is there. Not where it is old: a client may be catching up.
    if (since.revision !== NEWEST) writers.clear(chatId, changes.clientIds.keys());
    if (changes.hasMore) this.noteChange(chatId);
    yield { type: 'ChatChange', changes, own };
  }

  /**
   * Whether they left and came back since what the client has was read: then it is sent as gone and as new, since some of that may be hidden now,
   * and what was read meanwhile was read as by somebody who sees nothing.
   */
  #isBack(chatId: string, after: number, { hiddenUntil, joinedSeq }: OwnView): boolean {
    const known = this.#joinedSeqs.get(chatId) ?? joinedSeq;
    this.#joinedSeqs.set(chatId, joinedSeq);
    return joinedSeq !== known || (after > 0 && after < hiddenUntil);
  }

  /** Whether the viewer may see it is read after the change: a member who was removed before does not receive it. */
  async #seenChanges(
    chatId: string,
    since: { after: number; revision: number },
  ): Promise<[Changes | null, OwnView | null]> {
    for (;;) {
      const hiddenUntil = this.#sights.get(chatId) ?? -1;
      const changes = await changesAfter({ chatId, hiddenUntil, ...since });
      if (changes?.isNews) this.#prepare(changes);
      const own = await this.#ownView(chatId);
      if (!own || own.hiddenUntil === hiddenUntil) return [changes, own];
      this.#sights.set(chatId, own.hiddenUntil);
    }
  }

  /** Hundreds may ask for their own part next: meanwhile the rest is made. Not for whoever is no member, as far as is known. */
  #prepare(changes: Changes): void {
    const { id } = this.#feed.viewer;
    if (!memberships.has(changes.chatId, id)) return;
    this.#feed.prepare({ type: 'ChatChange', changes } satisfies Omit<EventOf<'ChatChange'>, 'own'>, sharedOf(changes));
  }

  async #ownView(chatId: string): Promise<OwnView | null> {
    const viewerId = this.#feed.viewer.id;
    const own = await ownView({ chatId, viewerId });
    if (own) memberships.noteRead(chatId, viewerId, own.version);
    else memberships.noteGone(chatId, viewerId, this);
    return own;
  }

  [Symbol.dispose](): void {
    memberships.close(this.#feed.viewer.id);
  }
}

function chatGone(chatId: string): ChatsEvent {
  return { type: 'ChatGone', id: encodeGlobalId('Chat', chatId) };
}

async function pollWatchedChats(feeds: readonly OpenFeed[]): Promise<void> {
  const chatIds = [...new Set(feeds.flatMap((feed) => [...feed.of(chats).sentRevisions.keys()]))];
  if (chatIds.length === 0) return;
  const rows = await db.$queryRaw<{ personId: string; chatId: string; revision: number }[]>`
    SELECT member.user_id::text AS "personId", chat.id::text AS "chatId", chat.revision
    FROM chat_member member JOIN chat ON chat.id = member.chat_id
    WHERE member.chat_id = ANY(${chatIds}::uuid[]) AND member.user_id = ANY(${personIdsOf(feeds)}::uuid[])
      AND member.left_at IS NULL`;
  const present = new Map(rows.map(({ personId, chatId, revision }) => [`${chatId} ${personId}`, revision]));
  for (const feed of feeds) {
    const state = feed.of(chats);
    for (const [chatId, sent] of state.sentRevisions) {
      const revision = present.get(`${chatId} ${feed.viewer.id}`);
      if (revision === undefined || revision > sent) state.noteChange(chatId);
    }
  }
}

/** Four polls back, so that a change is found though a transaction took its time or a poll failed. */
const RECENT_SECONDS = (4 * TICK_MS) / 1000;

async function pollRecentChats(feeds: readonly OpenFeed[]): Promise<void> {
  const rows = await db.$queryRaw<{ personId: string; chatId: string; revision: number }[]>`
    SELECT member.user_id::text AS "personId", chat.id::text AS "chatId", chat.revision
    FROM chat JOIN chat_member member ON member.chat_id = chat.id
    WHERE chat.updated_at > now() - make_interval(secs => ${RECENT_SECONDS})
      AND member.user_id = ANY(${personIdsOf(feeds)}::uuid[]) AND member.left_at IS NULL`;
  const byPerson = Map.groupBy(rows, ({ personId }) => personId);
  for (const feed of feeds) {
    const state = feed.of(chats);
    const ofPerson = byPerson.get(feed.viewer.id) ?? [];
    for (const { chatId, revision } of ofPerson) state.noteRevision(chatId, revision);
    state.forgetAllBut(new Set(ofPerson.map(({ chatId }) => chatId)));
  }
}

/** Who joined or left, and what a person set for themselves. For all feeds of these people. */
async function pollMemberships(feeds: readonly OpenFeed[], byPerson: FeedsByPerson): Promise<void> {
  const rows = await db.$queryRaw<{ personId: string; chatId: string; isMember: boolean; version: string }[]>`
    SELECT user_id::text AS "personId", chat_id::text AS "chatId", left_at IS NULL AS "isMember", xmin::text AS version
    FROM chat_member
    WHERE user_id = ANY(${personIdsOf(feeds)}::uuid[]) AND updated_at > now() - make_interval(secs => ${RECENT_SECONDS})`;
  for (const { personId, chatId, isMember, version } of rows) {
    const states = Array.from(byPerson.of(personId), (feed) => feed.of(chats));
    if (!isMember) {
      if (memberships.remove(chatId, personId)) for (const state of states) state.noteChange(chatId);
    } else if (memberships.add(chatId, personId, version)) for (const state of states) state.noteChange(chatId);
    else if (memberships.note(chatId, personId, version))
      for (const state of states) state.noteOwnVersion(chatId, version);
  }
}

function personIdsOf(feeds: readonly OpenFeed[]): string[] {
  return [...new Set(feeds.map(({ viewer }) => viewer.id))];
}

/** Without `viewer`, for an event that is made once for all who receive it: each of them was found to be a member. */
function chatAsItIs(query: object, chatId: string, { viewer }: RequestContext) {
  const isForMany = viewer instanceof AnyMember;
  const seen = isForMany || !viewer ? {} : visibleTo(viewer);
  return shareRead(['chat as it is', query, isForMany ? null : viewer?.id, chatId], () =>
    db.chat.findFirstOrThrow({ ...query, where: { ...seen, id: chatId } }),
  );
}

/** What differs between the viewers who receive an event; null where no other viewer receives the same. */
export function sharedPart(event: ChatsEvent, viewer: Viewer): SharedEvent | null {
  if (event.type === 'ChatGone') return null;
  const own = { ...event.own.fields };
  if (event.type === 'ChatListChange') return { key: event.state, own, ownValues: none, to: new AnyMember() };
  return { ...sharedOf(event.changes), own, ownValues: event.changes.clientIds.get(viewer.id) ?? none };
}

const none: ReadonlyMap<string, string> = new Map();

function sharedOf(changes: Changes): SharedPart {
  const { chatId, hiddenUntil } = changes;
  return { key: changes, to: new AnyMember({ chatId, hiddenUntil }) };
}

export const ChatChange = builder.objectRef<EventOf<'ChatChange'>>('ChatChange').implement({
  description:
    'What changed in a chat that is watched: the rows that changed, as they are now. Put them over what you have, and you have what a fresh query would give.',
  fields: (t) => ({
    chat: t.prismaField({
      type: Chat,
      description: 'The chat, as it is now.',
      resolve: (query, { changes: { chatId } }, _args, context) => chatAsItIs(query, chatId, context),
    }),
    revision: t.int({
      description:
        'All that changed until this revision is told now. Watch the chat `after` it next time; `chat.revision` may be further on.',
      resolve: ({ changes }) => changes.revision,
    }),
    messages: t.prismaField({
      type: [Message],
      description:
        'The messages that are new or changed, on whatever branch, the oldest first. What was deleted has no words left.',
      complexity: { field: 1, multiplier: 10 },
      resolve: (query, { changes: { messageIds } }) =>
        shareRead(['messages', query, messageIds], () =>
          // In one statement with their runs, so that none is over whose words are missing.
          db.message.findMany({
            ...query,
            relationLoadStrategy: 'join',
            where: { id: { in: messageIds } },
            orderBy: { seq: 'asc' },
          }),
        ),
    }),
    headId: t.id({
      nullable: true,
      description:
        'The tip of the visible thread, which goes from there up the parents. Null: there is no message. Where you do not know it, it comes with the next change.',
      resolve: ({ changes: { headId } }) => headId && encodeGlobalId('Message', headId),
    }),
    runs: t.prismaField({
      type: [Run],
      description:
        'The runs that are new or changed. Those that go on are followed from here: `RunDelta` has their words. One that has changed again by now comes with the next change, and with its message.',
      complexity: { field: 1, multiplier: 10 },
      resolve(query, { changes: { runs, revision } }) {
        // As with most messages: then it costs no statement.
        if (runs.length === 0) return [];
        const ids = runs.map(({ id }) => id);
        const asSent = { id: { in: ids }, revision: { lte: revision } };
        return shareRead(['runs', query, ids, revision], () => db.run.findMany({ ...query, where: asSent }));
      },
    }),
  }),
});

export const ChatListChange = builder.objectRef<EventOf<'ChatListChange'>>('ChatListChange').implement({
  description:
    'A chat of the viewer’s that is not watched is new, or changed in any way: its place in the list may be another. Also of a watched room, where only what is the viewer’s own has changed: pin, archive, what is unread.',
  fields: (t) => ({
    chat: t.prismaField({
      type: Chat,
      description: 'The chat, as it is now.',
      resolve: (query, { state }, _args, context) => chatAsItIs(query, state.chatId, context),
    }),
  }),
});

export const ChatGone = builder.objectRef<EventOf<'ChatGone'>>('ChatGone').implement({
  description: 'A chat that the viewer can see no longer. It is watched no more.',
  fields: (t) => ({
    chatId: t.id({ description: 'Which chat: the id that was asked for.', resolve: ({ id }) => id }),
  }),
});
