import type { Viewer } from '../../auth/viewer.ts';
import { bus } from '../../bus/bus.ts';
import { Chat } from '../../chats/schema.ts';
import { visibleTo } from '../../chats/visible.ts';
import { db } from '../../database/db.ts';
import { shareRead } from '../../database/shared-reads.ts';
import { builder } from '../../graphql-builder/builder.ts';
import { viewerIn } from '../../graphql-builder/context.ts';
import { encodeGlobalId } from '../../ids.ts';
import { Message } from '../../messages/schema.ts';
import { Run } from '../../runs/schema.ts';
import { type Changes, changesAfter } from '../changes.ts';
import { type FeedStart, type OpenFeed, TICK_MS, type Topic, type TopicState } from '../open-feed.ts';
import { words } from './words.ts';

export type ChatsEvent =
  | ({ type: 'ChatChange' } & Changes)
  | { type: 'ChatListChange'; chatId: string }
  /** `id`: the chat's global id, as the client gave it. */
  | { type: 'ChatGone'; id: string };

type EventOf<Type extends ChatsEvent['type']> = Extract<ChatsEvent, { type: Type }>;

export const chats: Topic<ChatsEvent, ChatsState> = {
  open: (feed, start) => new ChatsState(feed, start),

  listen(feeds) {
    const stops = [
      bus.listen('chatChanged', (chatId, revision, memberIds) => {
        for (const memberId of memberIds)
          for (const feed of feeds.of(memberId)) feed.of(chats).noteRevision(chatId, revision);
      }),
      bus.listen('membershipChanged', (chatId, personId) => {
        for (const feed of feeds.of(personId)) feed.of(chats).noteOwnChange(chatId);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  },

  async poll(feeds) {
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
  readonly #changed: Set<string>;
  /** Of which only the viewer's own part has changed, watched or not: the chat's revision is the same. */
  readonly #ownChanged = new Set<string>();
  readonly #unknownIds: string[];

  constructor(feed: OpenFeed, { chats: cursors, unknownIds }: FeedStart) {
    this.#feed = feed;
    this.sentRevisions = new Map(cursors.map(({ id, after }) => [id, after]));
    this.#changed = new Set(this.sentRevisions.keys());
    this.#unknownIds = [...unknownIds];
  }

  get isDue(): boolean {
    return this.#changed.size > 0 || this.#ownChanged.size > 0 || this.#unknownIds.length > 0;
  }

  /** Does nothing where that is known already. */
  noteRevision(chatId: string, revision: number): void {
    const known = this.sentRevisions.get(chatId) ?? this.#notedRevisions.get(chatId) ?? -1;
    if (revision <= known) return;
    if (!this.sentRevisions.has(chatId)) this.#notedRevisions.set(chatId, revision);
    this.noteChange(chatId);
  }

  /** To be read, whatever is known. */
  noteChange(chatId: string): void {
    this.#changed.add(chatId);
    this.#feed.wake();
  }

  noteOwnChange(chatId: string): void {
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
      yield await listChange(this.#feed.viewer, ownId);
    }
    const [chatId] = this.#changed;
    if (chatId === undefined) return;
    this.#changed.delete(chatId);
    const sent = this.sentRevisions.get(chatId);
    if (sent === undefined) yield await listChange(this.#feed.viewer, chatId);
    else yield* this.#changesOf(chatId, sent);
  }

  async *#changesOf(chatId: string, sent: number): AsyncGenerator<ChatsEvent> {
    const changes = await changesAfter(this.#feed.viewer, chatId, sent);
    const followed = this.#feed.of(words);
    if (!changes) {
      this.sentRevisions.delete(chatId);
      followed.leaveChat(chatId);
      return yield chatGone(chatId);
    }
    for (const { id } of changes.runs) if (!changes.runningIds.includes(id)) followed.leave(id);
    for (const id of changes.runningIds) followed.follow(id, chatId);
    if (!changes.isNews) return;
    this.sentRevisions.set(chatId, changes.revision);
    if (changes.hasMore) this.noteChange(chatId);
    yield { type: 'ChatChange', ...changes };
  }
}

async function listChange(viewer: Viewer, chatId: string): Promise<ChatsEvent> {
  const isVisible = await shareRead(['visible', viewer.id, chatId], () =>
    db.chat.count({ where: { ...visibleTo(viewer), id: chatId } }),
  );
  return isVisible ? { type: 'ChatListChange', chatId } : chatGone(chatId);
}

function chatGone(chatId: string): ChatsEvent {
  return { type: 'ChatGone', id: encodeGlobalId('Chat', chatId) };
}

async function pollWatchedChats(feeds: readonly OpenFeed[]): Promise<void> {
  const chatIds = [...new Set(feeds.flatMap((feed) => [...feed.of(chats).sentRevisions.keys()]))];
  if (chatIds.length === 0) return;
  const rows = await db.chat.findMany({
    where: { id: { in: chatIds } },
    select: { id: true, revision: true, members: { where: { leftAt: null }, select: { userId: true } } },
  });
  const present = new Map(rows.map((chat) => [chat.id, chat]));
  for (const feed of feeds) {
    const state = feed.of(chats);
    for (const [chatId, sent] of state.sentRevisions) {
      const chat = present.get(chatId);
      const isMember = chat?.members.some(({ userId }) => userId === feed.viewer.id);
      if (!isMember || (chat?.revision ?? 0) > sent) state.noteChange(chatId);
    }
  }
}

/** Four polls back, so that a change is found though a transaction took its time or a poll failed. */
const RECENT_SECONDS = (4 * TICK_MS) / 1000;

async function pollRecentChats(feeds: readonly OpenFeed[]): Promise<void> {
  const userIds = [...new Set(feeds.map(({ viewer }) => viewer.id))];
  const rows = await db.$queryRaw<{ userId: string; chatId: string; revision: number }[]>`
    SELECT member.user_id::text AS "userId", chat.id::text AS "chatId", chat.revision
    FROM chat JOIN chat_member member ON member.chat_id = chat.id
    WHERE chat.updated_at > now() - make_interval(secs => ${RECENT_SECONDS})
      AND member.user_id = ANY(${userIds}::uuid[]) AND member.left_at IS NULL`;
  const byPerson = Map.groupBy(rows, ({ userId }) => userId);
  for (const feed of feeds) {
    const state = feed.of(chats);
    const ofPerson = byPerson.get(feed.viewer.id) ?? [];
    for (const { chatId, revision } of ofPerson) state.noteRevision(chatId, revision);
    state.forgetAllBut(new Set(ofPerson.map(({ chatId }) => chatId)));
  }
}

function chatAsItIs(query: object, chatId: string, viewer: Viewer) {
  return shareRead(['chat as it is', query, viewer.id, chatId], () =>
    db.chat.findFirstOrThrow({ ...query, where: { ...visibleTo(viewer), id: chatId } }),
  );
}

export const ChatChange = builder.objectRef<EventOf<'ChatChange'>>('ChatChange').implement({
  description:
    'What changed in a chat that is watched: the rows that changed, as they are now. Put them over what you have, and you have what a fresh query would give.',
  fields: (t) => ({
    chat: t.prismaField({
      type: Chat,
      description: 'The chat, as it is now.',
      resolve: (query, { chatId }, _args, context) => chatAsItIs(query, chatId, viewerIn(context)),
    }),
    revision: t.exposeInt('revision', {
      description:
        'All that changed until this revision is told now. Watch the chat `after` it next time; `chat.revision` may be further on.',
    }),
    messages: t.prismaField({
      type: [Message],
      description:
        'The messages that are new or changed, on whatever branch, the oldest first. What was deleted has no words left.',
      complexity: { field: 1, multiplier: 10 },
      resolve: (query, { messageIds }) =>
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
      resolve: ({ headId }) => headId && encodeGlobalId('Message', headId),
    }),
    runs: t.prismaField({
      type: [Run],
      description:
        'The runs that are new or changed. Those that go on are followed from here: `RunDelta` has their words. One that has changed again by now comes with the next change, and with its message.',
      complexity: { field: 1, multiplier: 10 },
      resolve(query, { runs, revision }) {
        const ids = runs.map(({ id }) => id);
        const asTold = { id: { in: ids }, revision: { lte: revision } };
        return shareRead(['runs', query, ids, revision], () => db.run.findMany({ ...query, where: asTold }));
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
      resolve: (query, { chatId }, _args, context) => chatAsItIs(query, chatId, viewerIn(context)),
    }),
  }),
});

export const ChatGone = builder.objectRef<EventOf<'ChatGone'>>('ChatGone').implement({
  description: 'A chat that the viewer can see no longer. It is watched no more.',
  fields: (t) => ({
    chatId: t.id({ description: 'Which chat: the id that was asked for.', resolve: ({ id }) => id }),
  }),
});
