import { InvalidInputError } from '../errors.ts';
import { builder } from '../graphql-builder/builder.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import type { PlainEvents } from '../graphql-builder/plain-events.ts';
import { noSuchId, rowId } from '../ids.ts';
import { readFeed } from './feed.ts';
import type { ChatCursor } from './open-feed.ts';
import { eventTypes, type FeedEvent } from './topics/list.ts';
import { plainDelta } from './topics/words.ts';

const FeedEventUnion = builder.unionType('FeedEvent', {
  description: 'What a feed tells.',
  types: eventTypes,
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
      const [unknown, known] = partition(cursors, ({ id }) => rowId('Chat', id) === noSuchId);
      const start = {
        chats: known.map(cursorOf),
        unknownIds: unknown.map(({ id }) => id),
        agentsVersion: agentsVersion ?? null,
      };
      return readFeed(viewerIn(context), start, context.request.signal);
    },
    resolve: (event) => event,
    extensions: {
      plain: (event) => (event.type === 'RunDelta' ? plainDelta(event) : null),
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
    {
      path: ['chats'],
      code: 'TOO_LARGE',
      reason: `A feed watches at most ${MOST_CHATS} chats and ${MOST_RUNS} runs in each.`,
      limit: MOST_CHATS,
    },
  ]);
}
