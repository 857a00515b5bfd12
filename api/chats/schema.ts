import { Agent } from '../agents/schema.ts';
import { findAnswerer } from '../agents/choose.ts';
import type { Viewer } from '../auth/viewer.ts';
import { builder, type FieldsOf, queryOfNodes } from '../graphql-builder/builder.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import { db } from '../database/db.ts';
import { ErrorInterface } from '../graphql-builder/error-types.ts';
import type { Chat as ChatRow } from '../generated/prisma/client.ts';
import { ChatLimitError, ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { encodeGlobalId, idOf, noSuchId, rowId } from '../ids.ts';
import { chatTitle, messageSeq, searchText } from '../graphql-builder/limits.ts';
import { pageRequest } from '../paging/pages.ts';
import { createChat } from './create.ts';
import { type ChatFilter, listChats } from './list.ts';
import { listMembers } from '../members/list.ts';
import { actionsOf } from '../members/may.ts';
import { ChatActionType, Member, MemberRoleType, NotifyLevelType } from '../members/schema.ts';
import { archiveChat, pinChat, setRoomNotifications, unarchiveChat, unpinChat } from './membership.ts';
import { updateChat } from './settings.ts';
import { markRead, unreadIn } from './unread.ts';
import { visibleTo } from './visible.ts';

const TitleSource = builder.enumType('TitleSource', {
  description: 'What a chat’s title was made from.',
  values: {
    WORDS: { description: 'The first words of its first message; nobody has named it.' },
    MODEL: { description: 'Its model was asked for a title after the first answer.' },
    PERSON: { description: 'A person wrote it. It is never replaced by another.' },
  } satisfies Record<ChatRow['titleSource'], object>,
});

export const ChatKindType = builder.enumType('ChatKind', {
  description: 'Whose a chat is.',
  values: {
    PRIVATE: { description: 'One person’s, with an agent.' },
    ROOM: { description: 'Shared by its members.' },
  } satisfies Record<ChatRow['kind'], object>,
});

export const RoomVisibilityType = builder.enumType('RoomVisibility', {
  description: 'Who finds a room.',
  values: {
    MEMBERS: { description: 'Its members; others come by invitation.' },
    OPEN: { description: 'Everybody who is signed in, and joins it if they like.' },
  } satisfies Record<ChatRow['visibility'], object>,
});

export const RoomHistoryType = builder.enumType('RoomHistory', {
  description: 'What a newcomer to a room sees of the time before.',
  values: {
    ALL: { description: 'Everything.' },
    SINCE_JOIN: { description: 'Nothing: what was said since they joined, the last time.' },
  } satisfies Record<ChatRow['history'], object>,
});

export const Chat = builder.prismaNode('Chat', {
  description: 'A conversation: between a person and an agent, or of the members of a room. Seen by its members.',
  authScopes: { signedIn: true },
  nullable: true,
  id: { field: 'id', description: 'The chat’s id.' },
  findUnique: (id, { viewer }) => ({ ...visibleTo(viewer ?? { id: noSuchId }), id }),
  fields: (t) => ({
    title: t.exposeString('title', {
      nullable: true,
      description: 'At most 255 characters; null until its first message names it.',
    }),
    titleSource: t.expose('titleSource', { type: TitleSource, description: 'What its title was made from.' }),
    agent: t.field({
      type: Agent,
      nullable: true,
      description:
        'Who answers the next message: the chosen agent while that one can, else the default. Null: nobody can.',
      resolve: ({ agentId }) => findAnswerer(agentId),
    }),
    chosenAgent: t.relation('agent', {
      nullable: true,
      description: 'The agent chosen for this chat; null: whoever is the default.',
    }),
    revision: t.exposeInt('revision', { description: 'Grows with every change that a member can see.' }),
    pinnedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the viewer pinned it; null: it is not pinned. Their own, as is `archivedAt`.',
      select: (_args, context) => ownMembership(viewerIn(context)),
      resolve: ({ members }) => members[0]?.pinnedAt ?? null,
    }),
    archivedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the viewer archived it; null: it is not archived.',
      select: (_args, context) => ownMembership(viewerIn(context)),
      resolve: ({ members }) => members[0]?.archivedAt ?? null,
    }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was deleted; null: it was not. `restoreChat` brings it back.',
    }),
    lastMessageAt: t.expose('lastMessageAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the newest message came or was finished; null: there is none.',
    }),
    viewerCan: t.field({
      type: [ChatActionType],
      description: 'What the viewer may do in it now.',
      select: (_args, context) => ({
        kind: true,
        membersMayInvite: true,
        closedAt: true,
        deletedAt: true,
        ...ownMembership(viewerIn(context)),
      }),
      resolve: ({ members, ...chat }) => (members[0] ? actionsOf(members[0], chat) : []),
    }),
    resetRevision: t.exposeInt('resetRevision', {
      description:
        'Of a room: what was known of its messages before this revision is to be fetched anew. Somebody’s account was deleted, or what newcomers see was changed, and those messages do not carry a later revision.',
    }),
    kind: t.expose('kind', { type: ChatKindType, description: 'Whether it is one person’s, or shared.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When anything about it last changed.' }),
  }),
});

builder.prismaObjectFields(Chat, (t) => ({
  viewerRole: t.field({
    type: MemberRoleType,
    description: 'The viewer’s role. In a private chat OWNER.',
    select: (_args, context) => ownMembership(viewerIn(context)),
    resolve: ({ members }) => members[0]?.role ?? 'MEMBER',
  }),
  topic: t.exposeString('topic', { description: 'Of a room: what it is about, at most 1,000 characters.' }),
  visibility: t.expose('visibility', { type: RoomVisibilityType, description: 'Of a room: who finds and joins it.' }),
  membersMayInvite: t.exposeBoolean('membersMayInvite', {
    description: 'Of a room: whether every member may invite, or moderators alone.',
  }),
  history: t.expose('history', {
    type: RoomHistoryType,
    description: 'Of a room: what newcomers see of the time before they joined.',
  }),
  closedAt: t.expose('closedAt', {
    type: 'DateTime',
    nullable: true,
    description: 'Of a room: since when it is read-only for all; null: it is not.',
  }),
  unreadCount: t.int({
    description: 'Of a room: the messages of others that the viewer has not read, at most 100. In a private chat 0.',
    complexity: 2,
    select: { id: true, kind: true },
    resolve: async ({ id, kind }, _args, context) =>
      kind === 'ROOM' ? (await unreadIn({ chatId: id, viewerId: viewerIn(context).id })).count : 0,
  }),
  mentionCount: t.int({
    description:
      'Of a room: those of them that mention the viewer or all members, and the answers that they asked for, at most 100.',
    complexity: 2,
    select: { id: true, kind: true },
    resolve: async ({ id, kind }, _args, context) =>
      kind === 'ROOM' ? (await unreadIn({ chatId: id, viewerId: viewerIn(context).id })).mentionCount : 0,
  }),
  firstUnreadId: t.id({
    nullable: true,
    description: 'Of a room: the oldest message that `unreadCount` counts; null where it counts none.',
    complexity: 2,
    select: { id: true, kind: true },
    resolve: async ({ id, kind }, _args, context) => {
      if (kind !== 'ROOM') return null;
      const { firstId } = await unreadIn({ chatId: id, viewerId: viewerIn(context).id });
      return firstId && encodeGlobalId('Message', firstId);
    },
  }),
  notify: t.field({
    type: NotifyLevelType,
    description: 'Of a room: of what the viewer wants to be notified. Their own, as is `mutedAt`.',
    select: (_args, context) => ownMembership(viewerIn(context)),
    resolve: ({ members }) => members[0]?.notify ?? 'NONE',
  }),
  mutedAt: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'Of a room: since when the viewer wants no badge and no notification of it; null: it is not muted.',
    select: (_args, context) => ownMembership(viewerIn(context)),
    resolve: ({ members }) => members[0]?.mutedAt ?? null,
  }),
  memberCount: t.relationCount('members', {
    where: { leftAt: null },
    description: 'How many people are in it now.',
  }),
  members: t.connection(
    {
      type: Member,
      description:
        'The people who are in it now: owners first, then moderators, each by name. Pages of 1 to 100, usually 50.',
      complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? 50 }),
      select: { id: true },
      resolve: ({ id }, page, context, info) =>
        listMembers(id, pageRequest(page, 50), (ids) =>
          db.chatMember.findMany({ ...queryOfNodes(context, info), where: { id: { in: ids } } }),
        ),
    },
    { name: 'MemberConnection', description: 'A page of the members of a chat.' },
    { name: 'MemberEdge', description: 'A member and their place in the list.' },
  ),
}));

function ownMembership(viewer: Viewer) {
  return {
    members: {
      where: { userId: viewer.id, leftAt: null },
      select: { role: true, pinnedAt: true, archivedAt: true, notify: true, mutedAt: true },
    },
  };
}

const Filter = builder.enumType('ChatFilter', {
  description: 'Which of the viewer’s chats.',
  values: {
    ACTIVE: { description: 'Neither archived nor deleted.' },
    ARCHIVED: { description: 'Archived, not deleted.' },
    DELETED: { description: 'Deleted, and not yet gone for good.' },
  } satisfies Record<ChatFilter, object>,
});

builder.queryFields((t) => ({
  chats: t.connection(
    {
      type: Chat,
      description: 'The viewer’s chats: the pinned first, then by last activity. Pages of 1 to 100, usually 25.',
      authScopes: { signedIn: true },
      complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? 25 }),
      args: {
        filter: t.arg({ type: Filter, defaultValue: 'ACTIVE', description: 'Which of them.' }),
        kind: t.arg({ type: ChatKindType, description: 'Private chats or rooms alone; left out: both.' }),
        onlyUnread: t.arg.boolean({
          description: 'Only rooms with an `unreadCount` above 0 that the viewer has not muted.',
        }),
        withPersonId: t.arg
          .id({ description: 'Only those that this person, or service agent, is in too.' })
          .validate(idOf('Person').nullish()),
        search: t.arg.string({
          validate: searchText,
          description: 'Only those whose title holds this, in whatever case. At most 255 characters.',
        }),
      },
      resolve: (_root, { filter, kind, search, onlyUnread, withPersonId, ...page }, context, info) =>
        listChats(
          viewerIn(context),
          {
            ...pageRequest(page),
            filter: filter ?? 'ACTIVE',
            kind: kind ?? undefined,
            search: search ?? undefined,
            onlyUnread: onlyUnread ?? undefined,
            withPersonId: withPersonId ?? undefined,
          },
          (ids) => db.chat.findMany({ ...queryOfNodes(context, info), where: { id: { in: ids } } }),
        ),
    },
    { name: 'ChatConnection', description: 'A page of chats.' },
    { name: 'ChatEdge', description: 'A chat and its place in the list.' },
  ),
  chat: t.prismaField({
    type: Chat,
    nullable: true,
    description: 'One chat of the viewer’s; null where there is none of theirs.',
    authScopes: { signedIn: true },
    args: { id: t.arg.id({ required: true, description: 'The chat’s id.' }) },
    resolve: (query, _root, { id }, context) =>
      db.chat.findFirst({ ...query, where: { ...visibleTo(viewerIn(context)), id: rowId('Chat', id) } }),
  }),
}));

builder.objectType(ChatLimitError, {
  name: 'ChatLimitError',
  description: 'As many chats are active as this person may have.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ limit: t.exposeInt('limit', { description: 'How many that is.' }) }),
});

/** What every mutation of a chat gives: the chat, read again after the change. */
export function changedChat(t: FieldsOf<{ chatId: string }>) {
  return {
    chat: t.prismaField({
      type: Chat,
      description: 'The chat, as it is now.',
      resolve: (query, { chatId }, _args, context) =>
        db.chat.findFirstOrThrow({ ...query, where: { ...visibleTo(viewerIn(context)), id: chatId } }),
    }),
  };
}

builder.relayMutationField(
  'createChat',
  {
    description: 'A new chat.',
    inputFields: (t) => ({
      title: t
        .string({ description: 'At most 255 characters; left out: none, until the first message names it.' })
        .validate(chatTitle.nullish()),
      agentId: t
        .id({ description: 'Who is to answer; left out: whoever is the default agent.' })
        .validate(idOf('Agent').nullish()),
      clientId: t.field({ type: 'UUID', description: 'The same id again gives the same chat.' }),
    }),
  },
  {
    description: 'Makes a chat of the viewer’s own.',
    authScopes: { signedIn: true },
    errors: { types: [ChatLimitError, NotFoundError, ForbiddenError, InvalidInputError, ConflictError] },
    resolve: async (_root, { input: { title, agentId, clientId } }, context) => {
      const chat = await createChat(viewerIn(context), {
        title: title ?? undefined,
        agentId: agentId ?? undefined,
        clientId: clientId ?? undefined,
      });
      return { chatId: chat.id };
    },
  },
  { description: 'The chat was made.', outputFields: changedChat },
);

builder.relayMutationField(
  'updateChat',
  {
    description: 'What of the chat is to change; what is left out stays.',
    inputFields: (t) => ({
      id: t.id({ required: true, description: 'The chat’s id.' }).validate(idOf('Chat')),
      title: t
        .string({ description: 'Its new title, at most 255 characters; null changes nothing.' })
        .validate(chatTitle.nullish()),
      agentId: t
        .id({ description: 'Who is to answer from now on; null: whoever is the default agent.' })
        .validate(idOf('Agent').nullish()),
    }),
  },
  {
    description: 'Changes a chat’s title or agent.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: async (_root, { input: { id, title, agentId } }, context) => {
      await updateChat(viewerIn(context), id, { title: title ?? undefined, agentId });
      return { chatId: id };
    },
  },
  { description: 'The chat was changed.', outputFields: changedChat },
);

builder.relayMutationField(
  'markRead',
  {
    description: 'How far the viewer has read a chat.',
    inputFields: (t) => ({
      chatId: t.id({ required: true, description: 'The chat’s id.' }).validate(idOf('Chat')),
      seq: t.int({
        required: true,
        validate: messageSeq,
        description: 'The `seq` of the newest message that was seen.',
      }),
    }),
  },
  {
    description: 'Notes what the viewer has seen. It only moves forward.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, InvalidInputError] },
    resolve: async (_root, { input: { chatId, seq } }, context) => {
      await markRead(viewerIn(context), chatId, seq);
      return { chatId };
    },
  },
  { description: 'It was noted.', outputFields: changedChat },
);

builder.relayMutationField(
  'setRoomNotifications',
  {
    description: 'What is to change; what is left out stays.',
    inputFields: (t) => ({
      chatId: t.id({ required: true, description: 'The room’s id.' }).validate(idOf('Chat')),
      notify: t.field({ type: NotifyLevelType, description: 'Of what to be notified; null changes nothing.' }),
      isMuted: t.boolean({ description: 'Whether it shows no badge and notifies of nothing; null changes nothing.' }),
    }),
  },
  {
    description: 'Sets of what the viewer is notified in a room. Nobody else learns of it.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: async (_root, { input: { chatId, notify, isMuted } }, context) => {
      const settings = { notify: notify ?? undefined, isMuted: isMuted ?? undefined };
      await setRoomNotifications(viewerIn(context), chatId, settings);
      return { chatId };
    },
  },
  { description: 'It was set.', outputFields: changedChat },
);

chatMutation('archiveChat', archiveChat, 'Puts a chat away. It can be read, and counts no longer as active.');
chatMutation('unarchiveChat', unarchiveChat, 'Brings an archived chat back among the active ones.', [ChatLimitError]);
chatMutation('pinChat', pinChat, 'Puts a chat before the others in the viewer’s list.');
chatMutation('unpinChat', unpinChat, 'Puts a chat back in its place in the viewer’s list.');

/** A mutation that takes a chat's id and gives the chat. */
export function chatMutation(
  name: string,
  verb: (viewer: Viewer, chatId: string) => Promise<void>,
  description: string,
  moreErrors: (typeof ChatLimitError | typeof ForbiddenError)[] = [],
): void {
  builder.relayMutationField(
    name,
    {
      description: 'Which chat.',
      inputFields: (t) => ({ id: t.id({ required: true, description: 'The chat’s id.' }).validate(idOf('Chat')) }),
    },
    {
      description,
      authScopes: { signedIn: true },
      errors: { types: [NotFoundError, InvalidInputError, ...moreErrors] },
      resolve: async (_root, { input: { id } }, context) => {
        await verb(viewerIn(context), id);
        return { chatId: id };
      },
    },
    { description: 'It was done.', outputFields: changedChat },
  );
}
