import { ownFieldNames } from '../chats/own-view.ts';
import { reaches, type Viewer } from '../auth/viewer.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { builder } from '../graphql-builder/builder.ts';
import { AnyMember, viewerIn } from '../graphql-builder/context.ts';
import type { PlainEvents, SharedEvent } from '../graphql-builder/plain-events.ts';
import { idOf, noSuchId, rowId } from '../ids.ts';
import { reactionsGiven } from '../reactions/load.ts';
import { readFeed } from './feed.ts';
import type { ChatCursor } from './open-feed.ts';
import { sharedPart } from './topics/chats.ts';
import { setTyping } from './typing.ts';
import { TYPING_MS } from './writers.ts';
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
      isActive: t.arg.boolean({
        defaultValue: true,
        description:
          'Whether somebody is at the client. A person is ONLINE while any feed of theirs is active, and AWAY while all are idle. To change it, open the feed again.',
      }),
    },
    subscribe: (_root, { chats, agentsVersion, isActive }, context) => {
      const cursors = chats ?? [];
      if (cursors.length > MOST_CHATS) tooMany();
      const viewer = viewerIn(context);
      const isUnknown = (chatId: string) => chatId === noSuchId || !reaches(viewer, chatId);
      const [unknown, known] = partition(cursors, ({ id }) => isUnknown(rowId('Chat', id)));
      const start = {
        chats: known.map(cursorOf),
        unknownIds: unknown.map(({ id }) => id),
        agentsVersion: agentsVersion ?? null,
        isActive: isActive ?? true,
      };
      const { request, prepare = () => {} } = context;
      return readFeed(viewer, start, { signal: request.signal, prepare });
    },
    resolve: (event) => event,
    extensions: {
      plain: (event) => (event.type === 'RunDelta' ? plainDelta(event) : null),
      shared: {
        field: 'chat',
        ownFields: ownFieldNames,
        ownMark: { field: 'viewerReacted', key: 'key', of: (viewer, keys) => reactionsGiven(viewer.id, keys) },
        ownValue: { list: 'messages', field: 'clientId', key: 'id' },
        of: sharedPartOf,
      },
    } satisfies PlainEvents<FeedEvent>,
  }),
);

/** What differs between the viewers who receive it; null where one viewer alone receives it. */
function sharedPartOf(event: FeedEvent, viewer: Viewer): SharedEvent | null {
  if ('own' in event) return sharedPart(event, viewer);
  const isForAll = event.type === 'PresenceChange' || event.type === 'TypingChange';
  return isForAll ? { key: event, own: {}, ownValues: new Map(), to: new AnyMember() } : null;
}

builder.relayMutationField(
  'setTyping',
  {
    description: 'Where the viewer writes something.',
    inputFields: (t) => ({ chatId: t.id({ required: true, description: 'The room’s id.' }).validate(idOf('Chat')) }),
  },
  {
    description:
      'Tells the members of a room that the viewer is writing. It is told for 6 seconds: say it again every 3 while they go on. Their message ends it.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: async (_root, { input: { chatId } }, context) => {
      await setTyping(viewerIn(context), chatId);
      return { seconds: TYPING_MS / 1000 };
    },
  },
  {
    description: 'It was told.',
    outputFields: (t) => ({
      seconds: t.exposeInt('seconds', { description: 'For how long.' }),
    }),
  },
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
