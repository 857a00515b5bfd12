import { Agent, agentsSeenBy } from '../agents/schema.ts';
import { builder } from '../graphql-builder/builder.ts';
import type { Viewer } from '../auth/viewer.ts';
import { Chat } from '../chats/schema.ts';
import { visibleTo } from '../chats/visible.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import { db } from '../database/db.ts';
import { InvalidInputError } from '../errors.ts';
import type { PlainEvents } from '../graphql-builder/plain-events.ts';
import { encodeGlobalId, nobody, rowId } from '../ids.ts';
import { Message } from '../messages/schema.ts';
import { ContentDelta } from '../run-events/schema.ts';
import { Run } from '../runs/schema.ts';
import { type ChatCursor, type FeedEvent, readFeed } from './feed.ts';
import { shareRead } from '../database/shared-reads.ts';

type Told<Type extends FeedEvent['type']> = Extract<FeedEvent, { type: Type }>;

function chatAsItIs(query: object, chatId: string, viewer: Viewer) {
  return shareRead(['chat as it is', query, viewer.id, chatId], () =>
    db.chat.findFirstOrThrow({ ...query, where: { ...visibleTo(viewer), id: chatId } }),
  );
}

const ChatChange = builder.objectRef<Told<'ChatChange'>>('ChatChange').implement({
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

const RunDelta = builder.objectRef<Told<'RunDelta'>>('RunDelta').implement({
  description: 'More words of a run that goes on in a watched chat, in order. Its end is a `ChatChange`.',
  fields: (t) => ({
    runId: t.id({ description: 'Which run.', resolve: ({ runId }) => encodeGlobalId('Run', runId) }),
    delta: t.field({
      type: ContentDelta,
      description: 'The words.',
      resolve: ({ delta }) => delta,
    }),
  }),
});

const ChatListChange = builder.objectRef<Told<'ChatListChange'>>('ChatListChange').implement({
  description:
    'A chat of the viewer’s that is not watched is new, or changed in any way: its place in the list may be another.',
  fields: (t) => ({
    chat: t.prismaField({
      type: Chat,
      description: 'The chat, as it is now.',
      resolve: (query, { chatId }, _args, context) => chatAsItIs(query, chatId, viewerIn(context)),
    }),
  }),
});

const ChatGone = builder.objectRef<Told<'ChatGone'>>('ChatGone').implement({
  description: 'A chat that the viewer can see no longer. It is watched no more.',
  fields: (t) => ({
    chatId: t.id({ description: 'Which chat: the id that was asked for.', resolve: ({ id }) => id }),
  }),
});

const AgentsChange = builder.objectRef<Told<'AgentsChange'>>('AgentsChange').implement({
  description:
    'An agent is new, or something that is seen of one has changed: its name, whether it can answer, or which one answers where none is chosen.',
  fields: (t) => ({
    version: t.exposeString('version', {
      description: 'Names this state of the agents. Open the feed with it next time, and nothing is told twice.',
    }),
    agents: t.prismaField({
      type: [Agent],
      description: 'All of them, as `Query.agents` has them.',
      complexity: { field: 1, multiplier: 10 },
      resolve: (query, _event, _args, context) => {
        const viewer = viewerIn(context);
        return shareRead(['agents', query, viewer.role], () =>
          db.agent.findMany({ ...query, ...agentsSeenBy(viewer) }),
        );
      },
    }),
  }),
});

const Tick = builder.objectRef<Told<'Tick'>>('Tick').implement({
  description: 'The connection lives: once after the changes that were missed, and then every 15 seconds.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', description: 'The server’s clock.', resolve: () => new Date() }),
  }),
});

const FeedEventUnion = builder.unionType('FeedEvent', {
  description: 'What a feed tells.',
  types: [ChatChange, RunDelta, ChatListChange, ChatGone, AgentsChange, Tick],
  resolveType: ({ type }) => type,
});

const RunCursor = builder.inputType('RunCursor', {
  description: 'How much of a run’s text is there already.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The run’s id.' }),
    from: t.int({ required: true, description: 'UTF-16 code units, all parts together.' }),
  }),
});

const ChatCursorInput = builder.inputType('ChatCursor', {
  description: 'A chat to be watched, and how much of it is there already.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The chat’s id.' }),
    after: t.int({
      required: true,
      description:
        'All that changed until this revision is there: `Chat.revision` of a query, or `ChatChange.revision`.',
    }),
    runs: t.field({
      type: [RunCursor],
      description: 'Of the runs that go on there, what is there already. Of those not named, nothing.',
    }),
  }),
});

const MOST_CHATS = 20;
const MOST_RUNS = 20;

builder.subscriptionField('feed', (t) =>
  t.field({
    type: FeedEventUnion,
    description:
      'All that one client needs over one connection: every change in the chats that it watches, the words of the runs in them, which other chats changed, and the agents. After a broken connection, open it again from what you have: nothing is missed and nothing comes twice.',
    authScopes: { signedIn: true },
    args: {
      chats: t.arg({
        type: [ChatCursorInput],
        defaultValue: [],
        description: `The chats to be watched, at most ${MOST_CHATS}. Those that are not the viewer’s are told as gone.`,
      }),
      agentsVersion: t.arg.string({
        description:
          'Which state of the agents is there already: `AgentsChange.version`. An empty text: none, so that all of them are told at first. Left out: they are known, and only what changes is told.',
      }),
    },
    subscribe: (_root, { chats, agentsVersion }, context) => {
      const cursors = chats ?? [];
      if (cursors.length > MOST_CHATS) tooMany();
      const [unknown, known] = partition(cursors, ({ id }) => rowId('Chat', id) === nobody);
      const start = {
        chats: known.map(cursorOf),
        unknownIds: unknown.map(({ id }) => id),
        agentsVersion: agentsVersion ?? null,
      };
      return readFeed(viewerIn(context), start, context.request.signal);
    },
    resolve: (event) => event,
    extensions: {
      plain: (event) =>
        event.type === 'RunDelta'
          ? {
              typename: 'RunDelta',
              value: () => ({ runId: encodeGlobalId('Run', event.runId), delta: event.delta }),
              key: event.delta,
            }
          : null,
    } satisfies PlainEvents<FeedEvent>,
  }),
);

function cursorOf({
  id,
  after,
  runs,
}: {
  id: string;
  after: number;
  runs?: { id: string; from: number }[] | null | undefined;
}): ChatCursor {
  if ((runs ?? []).length > MOST_RUNS) tooMany();
  return {
    id: rowId('Chat', id),
    after,
    runs: (runs ?? []).map((run) => ({ id: rowId('Run', run.id), from: Math.max(0, run.from) })),
  };
}

function partition<Item>(list: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [list.filter(isFirst), list.filter((item) => !isFirst(item))];
}

function tooMany(): never {
  throw new InvalidInputError([
    { path: ['chats'], reason: `A feed watches at most ${MOST_CHATS} chats and ${MOST_RUNS} runs in each.` },
  ]);
}
