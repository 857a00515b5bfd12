import { Agent } from '../agents/schema.ts';
import { changedChat, Chat } from '../chats/schema.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { builder } from '../graphql-builder/builder.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import { idOf } from '../ids.ts';
import { Person } from '../people/schema.ts';
import { addRoomAgent, MOST_AGENTS, removeRoomAgent } from './manage.ts';

const ReplyMode = builder.enumType('ReplyMode', {
  description: 'Which messages of a room an agent answers.',
  values: {
    ALWAYS: { description: 'Every message that names no agent. One agent of a room at most.' },
    MENTION: { description: 'Those that mention it, and replies to its answers.' },
  },
});

const RoomAgent = builder.prismaObject('RoomAgent', {
  description: 'An agent in a room.',
  fields: (t) => ({
    agent: t.relation('agent', { type: Agent, description: 'Which one.' }),
    replyMode: t.expose('replyMode', { type: ReplyMode, description: 'Which messages it answers.' }),
    addedBy: t.relation('addedBy', {
      type: Person,
      nullable: true,
      description: 'Who added it; null: somebody who is gone.',
    }),
  }),
});

builder.prismaObjectFields(Chat, (t) => ({
  roomAgents: t.relation('roomAgents', {
    type: RoomAgent,
    description: 'Of a room: the agents that members can mention, in the order in which they were added. At most 20.',
    complexity: { field: 1, multiplier: 5 },
    query: {
      orderBy: [{ createdAt: 'asc' }, { agentId: 'asc' }],
      take: MOST_AGENTS,
    },
  }),
}));

const errors = { types: [NotFoundError, ForbiddenError, InvalidInputError] };

builder.relayMutationField(
  'addRoomAgent',
  {
    description: 'Which agent, and where.',
    inputFields: (t) => ({
      chatId: t.id({ required: true, description: 'The room’s id.' }).validate(idOf('Chat')),
      agentId: t.id({ required: true, description: 'The agent’s id.' }).validate(idOf('Agent')),
      replyMode: t.field({ type: ReplyMode, defaultValue: 'MENTION', description: 'Which messages it answers.' }),
    }),
  },
  {
    description:
      'Adds an agent to a room, or changes which messages one that is there answers. Needs SET_AGENTS. Where it is to answer ALWAYS, the one that did so answers mentions from now on.',
    authScopes: { signedIn: true },
    errors,
    resolve: async (_root, { input: { chatId, agentId, replyMode } }, context) => {
      await addRoomAgent(viewerIn(context), chatId, { agentId, replyMode: replyMode ?? 'MENTION' });
      return { chatId };
    },
  },
  { description: 'It is in it.', outputFields: changedChat },
);

builder.relayMutationField(
  'removeRoomAgent',
  {
    description: 'Which agent is to go, and where.',
    inputFields: (t) => ({
      chatId: t.id({ required: true, description: 'The room’s id.' }).validate(idOf('Chat')),
      agentId: t.id({ required: true, description: 'The agent’s id.' }).validate(idOf('Agent')),
    }),
  },
  {
    description:
      'Removes an agent from a room. Needs SET_AGENTS. Its answers stay, and what waits for it in the queue is cancelled.',
    authScopes: { signedIn: true },
    errors,
    resolve: async (_root, { input: { chatId, agentId } }, context) => {
      await removeRoomAgent(viewerIn(context), chatId, agentId);
      return { chatId };
    },
  },
  { description: 'It is out of it.', outputFields: changedChat },
);
