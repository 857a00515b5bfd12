import { GraphQLError, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

import { Agent } from '../agents/schema.ts';
import { builder, type FieldsOf, queryOf, queryOfNodes } from '../graphql-builder/builder.ts';
import { changedChat, Chat } from '../chats/schema.ts';
import { hiddenUntil, seesMessage } from '../chats/sight.ts';
import { messageVisibleTo } from '../chats/visible.ts';
import { AnyMember, type RequestContext, isViewer, viewerIn } from '../graphql-builder/context.ts';
import { db } from '../database/db.ts';
import { ForbiddenError, InvalidInputError, NotFoundError, RunInProgressError } from '../errors.ts';
import { idOf, noSuchId, rowId } from '../ids.ts';
import { messageContent } from '../graphql-builder/limits.ts';
import { pageRequest } from '../paging/pages.ts';
import { Mention } from '../mentions/schema.ts';
import { loadPeople } from '../people/load.ts';
import { Person } from '../people/schema.ts';
import { parseRoomEvent, type RoomEvent } from './room-event.ts';
import { PartKind, Run } from '../runs/schema.ts';
import { selectBranch, siblingsOf } from './branches.ts';
import { chatOf } from './chat-of.ts';
import { deleteMessage, editMessage } from './edit.ts';
import { EXCERPT_LENGTH, excerptOf } from './excerpt.ts';
import { parseParts, type Part } from '../texts/parts.ts';
import { quotedMessage } from './quote.ts';
import { fitMessages, messageTexts } from './load-texts.ts';
import { threadPage } from './thread.ts';

const RoomEventKindType = builder.enumType('RoomEventKind', {
  description: 'What happened in a room.',
  values: {
    JOINED: { description: 'Somebody came by themselves.' },
    ADDED: { description: 'People were added by somebody.' },
    LEFT: { description: 'Somebody left.' },
    REMOVED: { description: 'Somebody was removed.' },
    RENAMED: { description: 'It has another title.' },
    TOPIC_CHANGED: { description: 'It has another topic.' },
    CLOSED: { description: 'It is read-only now.' },
    REOPENED: { description: 'Members can write again.' },
    AGENT_ADDED: { description: 'An agent was added.' },
    AGENT_REMOVED: { description: 'An agent was removed.' },
  } satisfies Record<RoomEvent['kind'], object>,
});

const MessageRole = builder.enumType('MessageRole', {
  description: 'Who speaks.',
  values: {
    USER: { description: 'A person.' },
    ASSISTANT: { description: 'An agent: of the server, or a service agent.' },
    SYSTEM: { description: 'Nobody: `event` says what happened in the room.' },
  },
});

const RoomEventType = builder.objectRef<RoomEvent>('RoomEvent').implement({
  description: 'What happened in a room, besides what people say.',
  fields: (t) => ({
    kind: t.expose('kind', { type: RoomEventKindType, description: 'What it was.' }),
    people: t.prismaField({
      type: [Person],
      description: 'Whom it is about, as far as they are still here.',
      complexity: { field: 1, multiplier: 5 },
      resolve: (query, { personIds }) => loadPeople(query, personIds),
    }),
    agents: t.prismaField({
      type: [Agent],
      description: 'The agents that it is about.',
      complexity: { field: 1, multiplier: 2 },
      resolve: (query, { agentIds }) =>
        agentIds.length === 0 ? [] : db.agent.findMany({ ...query, where: { id: { in: agentIds } } }),
    }),
    text: t.exposeString('text', { description: 'The new title or topic; else empty.' }),
  }),
});

const MessagePart = builder.objectRef<Part>('MessagePart').implement({
  description: 'A stretch of an answer.',
  fields: (t) => ({
    kind: t.expose('kind', { type: PartKind, description: 'What it is.' }),
    text: t.exposeString('text', { description: 'Its words.' }),
  }),
});

export const Message = builder.prismaNode('Message', {
  description:
    'What somebody said in a chat. Seen by the chat’s members; of a room whose `history` is SINCE_JOIN, by those who were in it then.',
  authScopes: { signedIn: true },
  nullable: true,
  // Without this all columns are loaded; the long texts come by themselves (texts.ts).
  select: { id: true },
  id: { field: 'id', description: 'The message’s id.' },
  findUnique: (id, { viewer }) => ({ ...messageVisibleTo(viewer ?? { id: noSuchId }), id }),
  fields: (t) => ({
    chat: t.relation('chat', { description: 'The chat that it was said in.' }),
    seq: t.exposeInt('seq', { description: 'Orders the messages of a chat. Grows, with gaps.' }),
    role: t.expose('role', { type: MessageRole, description: 'Who speaks.' }),
    clientId: t.field({
      type: 'UUID',
      nullable: true,
      description: 'The `clientId` that its author sent it under; null for everybody else, and for an answer.',
      select: { clientId: true, authorId: true },
      resolve: ({ clientId, authorId }, _args, context) => (isViewer(context, authorId) ? clientId : null),
    }),
    author: t.relation('author', {
      type: Person,
      nullable: true,
      description:
        'Who wrote it: a person, or a service agent, whose answers have it too. Null for the answer of another agent, and where that person is gone.',
    }),
    agent: t.relation('agent', {
      nullable: true,
      description: 'The agent who answered; null for a person’s message, and for what a service agent wrote.',
    }),
    content: t.string({
      description:
        'Its first wording; of an answer the text without the thinking. Empty while the answer is being written (`runEvents` has the words), and when it was deleted.',
      select: { id: true, deletedAt: true },
      resolve: async ({ id, deletedAt }, _args, { answer }) =>
        (deletedAt ? null : await messageTexts(answer).get(id, 'content')) ?? '',
    }),
    parts: t.field({
      type: [MessagePart],
      description:
        'An answer’s words as they came, thinking included. Empty for a person’s message, while it is being written, and when it was deleted.',
      complexity: { field: 1, multiplier: 2 },
      select: { id: true, deletedAt: true },
      resolve: async ({ id, deletedAt }, _args, { answer }) =>
        deletedAt ? [] : parseParts((await messageTexts(answer).get(id, 'parts')) ?? []),
    }),
    editedContent: t.string({
      nullable: true,
      description: 'Its present wording; null: it was never edited, or was deleted.',
      select: { id: true, deletedAt: true, editedAt: true },
      resolve: ({ id, deletedAt, editedAt }, _args, { answer }) =>
        deletedAt || !editedAt ? null : messageTexts(answer).get(id, 'editedContent'),
    }),
    excerpt: t.string({
      description: `The first ${EXCERPT_LENGTH} characters of its present wording, on one line. Empty when it was deleted.`,
      select: { id: true, deletedAt: true },
      resolve: ({ id, deletedAt }) => (deletedAt ? '' : excerptOf(id)),
    }),
    editedAt: t.expose('editedAt', { type: 'DateTime', nullable: true, description: 'When it was last edited.' }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was deleted; then it keeps its place and has no words.',
    }),
    deletedBy: t.relation('deletedBy', {
      type: Person,
      nullable: true,
      description: 'The moderator who deleted it; null: it is not deleted, or was by its author.',
    }),
    event: t.field({
      type: RoomEventType,
      nullable: true,
      description: 'What happened, of a SYSTEM message; `author` is who did it.',
      select: { event: true },
      resolve: ({ event }) => parseRoomEvent(event),
    }),
    isDeleted: t.boolean({
      description: 'Whether it was deleted.',
      select: { deletedAt: true },
      resolve: ({ deletedAt }) => deletedAt !== null,
    }),
    mentions: t.field({
      type: [Mention],
      description:
        'Of a message in a room: whom it is for. Of a person’s message those whom it names, as far as they are in the room, and the agents that were asked; of an answer the person who asked for it. None when it was deleted.',
      complexity: { field: 1, multiplier: 2 },
      select: (_args, _context, nestedSelection) => ({
        deletedAt: true,
        mentions: nestedSelection({ orderBy: { id: 'asc' } }),
      }),
      resolve: ({ deletedAt, mentions }) => (deletedAt ? [] : mentions),
    }),
    run: t.relation('run', {
      nullable: true,
      description: 'The generation that wrote it; null for a person’s message.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was said.' }),
  }),
});

builder.prismaObjectFields(Run, (t) => ({
  trigger: t.field({
    type: Message,
    nullable: true,
    description:
      'The message that is answered; null where it was said before the viewer joined, in a room that hides that.',
    select: (_args, _context, nestedSelection) => ({
      trigger: nestedSelection({ select: { id: true, chatId: true, seq: true } }),
    }),
    resolve: ({ trigger }, _args, context) => ifSeen(trigger, context),
  }),
  history: t.prismaField({
    type: [Message],
    description:
      'The messages that the model was sent, as far as the viewer may see them, the oldest first. Empty until it was asked.',
    complexity: { field: 1, multiplier: 50 },
    select: { historyIds: true },
    resolve: (query, { historyIds }, _args, context) =>
      db.message.findMany({
        ...query,
        where: { ...messageVisibleTo(viewerIn(context)), id: { in: historyIds } },
        orderBy: { seq: 'asc' },
      }),
  }),
}));

builder.prismaObjectFields(Message, (t) => ({
  replyTo: t.field({
    type: Message,
    nullable: true,
    description:
      'Of a room: the message that it quotes, as it is now; null where it quotes none, or one that the viewer may not see.',
    select: { replyToId: true, chatId: true },
    // By viewer, so that no reader is given what another one may see.
    resolve: ({ replyToId: id, chatId }, _args, context, info) => {
      if (id === null) return null;
      const viewer = viewerIn(context);
      const query = queryOf(context, info);
      if (!(viewer instanceof AnyMember)) return quotedMessage({ id, viewerId: viewer.id }, query);
      return db.message.findFirst({ ...query, where: { id, chatId, seq: { gt: viewer.hiddenUntil(chatId) } } });
    },
  }),
  parent: t.field({
    type: Message,
    nullable: true,
    description: 'The message that it follows; null for the first that the viewer sees.',
    select: (_args, _context, nestedSelection) => ({
      parent: nestedSelection({ select: { id: true, chatId: true, seq: true } }),
    }),
    resolve: ({ parent }, _args, context) => ifSeen(parent, context),
  }),
  siblings: t.field({
    type: [Message],
    description:
      'The messages that follow the same one, itself among them, the oldest first: other wordings of a question, other answers. `selectBranch` shows another one.',
    select: { id: true, chatId: true, parentId: true },
    complexity: { field: 1, multiplier: 10 },
    resolve: (message, _args, _context, info) => {
      if (isAskedAgain(info)) throw siblingsOfSiblings();
      return siblingsOf(message);
    },
  }),
}));

/** For a message that another one names. */
async function ifSeen<Row extends { chatId: string; seq: number }>(
  message: Row | null,
  context: RequestContext,
): Promise<Row | null> {
  if (!message) return null;
  const viewer = viewerIn(context);
  const isSeen =
    viewer instanceof AnyMember
      ? message.seq > viewer.hiddenUntil(message.chatId)
      : await seesMessage(viewer.id, message);
  return isSeen ? message : null;
}

/** Siblings below siblings are the same ones again, and level upon level more than a server can send. */
function isAskedAgain({ fieldNodes, fragments }: GraphQLResolveInfo): boolean {
  return fieldNodes.some(({ selectionSet }) => asksForSiblings(selectionSet, fragments));
}

function asksForSiblings(
  selectionSet: SelectionSetNode | undefined,
  fragments: GraphQLResolveInfo['fragments'],
): boolean {
  return (selectionSet?.selections ?? []).some((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD)
      return asksForSiblings(fragments[selection.name.value]?.selectionSet, fragments);
    const isOne = selection.kind === Kind.FIELD && selection.name.value === 'siblings';
    return isOne || asksForSiblings(selection.selectionSet, fragments);
  });
}

function siblingsOfSiblings(): GraphQLError {
  return new GraphQLError('Siblings of siblings are the same ones: ask for them once.', {
    extensions: { code: 'QUERY_TOO_COMPLEX' },
  });
}

builder.prismaObjectField(Chat, 'messages', (t) =>
  t.connection(
    {
      type: Message,
      description:
        'The visible thread, the oldest first. `last: 50` is the end of it. Pages of 1 to 100, usually 50. With `around`, the page that holds that message, and the other places are ignored.',
      complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? 50 }),
      args: {
        around: t.arg.id({ description: 'A message’s id: the page around it. Empty where it is not in this chat.' }),
      },
      select: { id: true, headId: true, kind: true },
      resolve: async ({ id, headId, kind }, { around, ...page }, context, info) => {
        const request = { ...pageRequest(page, 50), around: around == null ? undefined : rowId('Message', around) };
        const until = await hiddenUntil({ chatId: id, viewerId: viewerIn(context).id });
        return threadPage({ id, headId, kind, hiddenUntil: until }, request, {
          fit: (found) => fitMessages(found, request, { answer: context.answer, info }),
          load: (ids) => db.message.findMany({ ...queryOfNodes(context, info), where: { id: { in: ids } } }),
        });
      },
    },
    { name: 'MessageConnection', description: 'A page of a thread.' },
    { name: 'MessageEdge', description: 'A message and its place in the thread.' },
  ),
);

/** What a mutation of a message gives: the message, read again after the change. */
export function changedMessage(t: FieldsOf<{ messageId: string }>, description: string) {
  return t.prismaField({
    type: Message,
    description,
    resolve: (query, { messageId }, _args, context) =>
      db.message.findFirstOrThrow({ ...query, where: { ...messageVisibleTo(viewerIn(context)), id: messageId } }),
  });
}

builder.relayMutationField(
  'selectBranch',
  {
    description: 'Which branch.',
    inputFields: (t) => ({
      messageId: t
        .id({ required: true, description: 'A message on it: the one that is to be seen.' })
        .validate(idOf('Message')),
    }),
  },
  {
    description:
      'Moves the chat’s head: the visible thread then goes through this message, down to the newest one below it. Nothing else changes.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: async (_root, { input: { messageId } }, context) => {
      const chatId = await chatOf(viewerIn(context), messageId);
      await selectBranch(viewerIn(context), chatId, messageId);
      return { chatId };
    },
  },
  { description: 'It is in sight.', outputFields: changedChat },
);

builder.relayMutationField(
  'editMessage',
  {
    description: 'A new wording.',
    inputFields: (t) => ({
      id: t.id({ required: true, description: 'The message’s id.' }).validate(idOf('Message')),
      content: t.string({
        required: true,
        validate: messageContent,
        description: '1 to 100,000 characters, Markdown.',
      }),
    }),
  },
  {
    description:
      'Gives a message of the viewer’s own another wording, in place. Models are sent the new one; the first one stays in `content`.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: async (_root, { input }, context) => {
      await editMessage(viewerIn(context), await chatOf(viewerIn(context), input.id), input);
      return { messageId: input.id };
    },
  },
  {
    description: 'It was edited.',
    outputFields: (t) => ({ message: changedMessage(t, 'The message, as it is now.') }),
  },
);

builder.relayMutationField(
  'deleteMessage',
  {
    description: 'Which message.',
    inputFields: (t) => ({ id: t.id({ required: true, description: 'The message’s id.' }).validate(idOf('Message')) }),
  },
  {
    description:
      'Takes the words of a message away: one’s own (DELETE_OWN), in a private chat the answers too, in a room those of others and of agents with DELETE_ANY_MESSAGE. It keeps its place, and so does what follows it.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError, RunInProgressError] },
    resolve: async (_root, { input: { id } }, context) => {
      await deleteMessage(viewerIn(context), await chatOf(viewerIn(context), id), id);
      return { messageId: id };
    },
  },
  {
    description: 'It was deleted.',
    outputFields: (t) => ({ message: changedMessage(t, 'The message, as it is now.') }),
  },
);
