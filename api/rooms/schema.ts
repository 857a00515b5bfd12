import { reaches } from '../auth/viewer.ts';
import { changedChat, RoomHistoryType, RoomVisibilityType } from '../chats/schema.ts';
import { MemberRoleType } from '../members/schema.ts';
import { db } from '../database/db.ts';
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import type { Invitation as InvitationRow } from '../generated/prisma/client.ts';
import { builder } from '../graphql-builder/builder.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import { agentsAtOnce, chatTitle, peopleAtOnce, roomTopic, searchText } from '../graphql-builder/limits.ts';
import { encodeGlobalId, idOf, rowId } from '../ids.ts';
import { pageRequest } from '../paging/pages.ts';
import { createRoom } from './create.ts';
import { findInvitation, isUsable } from '../invitations/links.ts';
import { acceptInvitation, addMembers, joinRoom } from './join.ts';
import { leaveRoom, removeMember } from './leave.ts';
import { listOpenRooms, type Previewed, previewed } from './list-open.ts';
import { setMemberRole } from './roles.ts';
import { updateRoom } from './update.ts';

const RoomPreview = builder.objectRef<Previewed>('RoomPreview').implement({
  description: 'What somebody sees of a room before they join it: nothing that is said in it.',
  fields: (t) => ({
    chatId: t.id({ description: 'The room’s id, for `joinRoom`.', resolve: ({ id }) => encodeGlobalId('Chat', id) }),
    title: t.string({ description: 'Its title.', resolve: ({ title }) => title ?? '' }),
    topic: t.exposeString('topic', { description: 'What it is about.' }),
    memberCount: t.int({
      description: 'How many people are in it.',
      resolve: ({ _count }) => _count.members,
    }),
    isMember: t.boolean({
      description: 'Whether the viewer is in it already.',
      resolve: ({ members }) => members.length > 0,
    }),
  }),
});

const InvitationPreview = builder.objectRef<InvitationRow>('InvitationPreview').implement({
  description: 'What the holder of a link sees before they join.',
  fields: (t) => ({
    room: t.field({
      type: RoomPreview,
      description: 'Where it leads.',
      resolve: ({ chatId }, _args, { viewer }) =>
        db.chat.findUniqueOrThrow({ where: { id: chatId }, select: previewed(viewer) }),
    }),
    invitedBy: t.string({
      nullable: true,
      description: 'The name of whoever made the link; null: they are gone.',
      resolve: async ({ createdById }) =>
        (createdById && (await db.user.findUnique({ where: { id: createdById } }))?.name) || null,
    }),
  }),
});

builder.queryFields((t) => ({
  openRooms: t.connection(
    {
      type: RoomPreview,
      description: 'The rooms that everybody may join, by title. Pages of 1 to 100, usually 25.',
      authScopes: { signedIn: true },
      complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? 25 }),
      args: {
        search: t.arg.string({ validate: searchText, description: 'Only those whose title or topic holds this.' }),
      },
      resolve: (_root, { search, ...page }, context) =>
        listOpenRooms(viewerIn(context), { ...pageRequest(page), search: search ?? undefined }),
    },
    { name: 'RoomPreviewConnection', description: 'A page of rooms as they are seen from outside.' },
    { name: 'RoomPreviewEdge', description: 'A room and its place in the list.' },
  ),
  invitation: t.field({
    type: InvitationPreview,
    nullable: true,
    description:
      'Where a link leads, by its token; null where it is unknown, used up, revoked or too old. Signed out too.',
    args: { token: t.arg.string({ required: true, validate: searchText, description: 'The last part of the link.' }) },
    resolve: async (_root, { token }, { viewer }) => {
      const invitation = await findInvitation(token).catch(ignoreMissing);
      if (!invitation || !isUsable(invitation) || (viewer && !reaches(viewer, invitation.chatId))) return null;
      const room = await db.chat.findUnique({ where: { id: invitation.chatId, deletedAt: null, closedAt: null } });
      return room ? invitation : null;
    },
  }),
}));

function ignoreMissing(error: unknown): null {
  if (error instanceof NotFoundError) return null;
  throw error;
}

const errors = { types: [NotFoundError, ForbiddenError, InvalidInputError] };

builder.relayMutationField(
  'createRoom',
  {
    description: 'A new room.',
    inputFields: (t) => ({
      title: t.string({ required: true, validate: chatTitle, description: 'At most 255 characters.' }),
      topic: t.string({ description: 'At most 1,000 characters.' }).validate(roomTopic.nullish()),
      visibility: t.field({ type: RoomVisibilityType, description: 'Left out: by invitation.' }),
      history: t.field({ type: RoomHistoryType, description: 'What newcomers see; left out: all.' }),
      personIds: t
        .idList({ description: 'Who is in it from the beginning, besides the viewer: at most 50.' })
        .validate(peopleAtOnce.nullish()),
      agentIds: t
        .idList({ description: 'Which agents can be mentioned in it from the beginning: at most 20.' })
        .validate(agentsAtOnce.nullish()),
      clientId: t.field({ type: 'UUID', description: 'The same id again gives the same room.' }),
    }),
  },
  {
    description: 'Makes a room of which the viewer is the owner. Those who are added with it see by whom.',
    authScopes: { signedIn: true },
    errors: { types: [...errors.types, ConflictError] },
    resolve: async (
      _root,
      { input: { title, topic, visibility, history, personIds, agentIds, clientId } },
      context,
    ) => {
      const { id } = await createRoom(viewerIn(context), {
        title,
        topic: topic ?? undefined,
        visibility: visibility ?? undefined,
        history: history ?? undefined,
        personIds: (personIds ?? []).map((each) => rowId('Person', each)),
        agentIds: (agentIds ?? []).map((each) => rowId('Agent', each)),
        clientId: clientId ?? undefined,
      });
      return { chatId: id };
    },
  },
  { description: 'The room was made.', outputFields: changedChat },
);

builder.relayMutationField(
  'updateRoom',
  {
    description: 'What of the room is to change; what is left out stays.',
    inputFields: (t) => ({
      id: t.id({ required: true, description: 'The room’s id.' }).validate(idOf('Chat')),
      title: t.string({ description: 'At most 255 characters; null changes nothing.' }).validate(chatTitle.nullish()),
      topic: t.string({ description: 'At most 1,000 characters; null changes nothing.' }).validate(roomTopic.nullish()),
      visibility: t.field({ type: RoomVisibilityType, description: 'Who finds and joins it; null changes nothing.' }),
      membersMayInvite: t.boolean({ description: 'Whether every member may invite; null changes nothing.' }),
      history: t.field({
        type: RoomHistoryType,
        description:
          'What newcomers see of the time before; null changes nothing. ALL shows those who are in it already everything too.',
      }),
      isClosed: t.boolean({ description: 'Whether it is read-only for all; null changes nothing.' }),
    }),
  },
  {
    description: 'Changes a room, as `viewerCan` allows: RENAME, SET_ACCESS, and CLOSE or REOPEN.',
    authScopes: { signedIn: true },
    errors,
    resolve: async (_root, { input: { id, ...update } }, context) => {
      const { title, topic, visibility, membersMayInvite, history, isClosed } = update;
      await updateRoom(viewerIn(context), id, {
        title: title ?? undefined,
        topic: topic ?? undefined,
        visibility: visibility ?? undefined,
        membersMayInvite: membersMayInvite ?? undefined,
        history: history ?? undefined,
        isClosed: isClosed ?? undefined,
      });
      return { chatId: id };
    },
  },
  { description: 'The room was changed.', outputFields: changedChat },
);

builder.relayMutationField(
  'joinRoom',
  {
    description: 'Which room.',
    inputFields: (t) => ({ id: t.id({ required: true, description: 'The room’s id.' }).validate(idOf('Chat')) }),
  },
  {
    description: 'Joins a room that is open, at most ten times in an hour. Whoever is in it already stays.',
    authScopes: { signedIn: true },
    errors,
    resolve: async (_root, { input: { id } }, context) => {
      await joinRoom(viewerIn(context), id);
      return { chatId: id };
    },
  },
  { description: 'The viewer is in it.', outputFields: changedChat },
);

builder.relayMutationField(
  'leaveRoom',
  {
    description: 'Which room.',
    inputFields: (t) => ({ id: t.id({ required: true, description: 'The room’s id.' }).validate(idOf('Chat')) }),
  },
  {
    description:
      'Leaves a room: the viewer sees nothing of it any more. What they wrote stays. The last owner makes somebody else one first; the very last member takes the room along.',
    authScopes: { signedIn: true },
    errors,
    resolve: async (_root, { input: { id } }, context) => {
      await leaveRoom(viewerIn(context), id);
      return { chatId: encodeGlobalId('Chat', id) };
    },
  },
  {
    description: 'The viewer is out of it.',
    outputFields: (t) => ({ chatId: t.exposeID('chatId', { description: 'Of which room.' }) }),
  },
);

builder.relayMutationField(
  'addMembers',
  {
    description: 'Whom to add, and where.',
    inputFields: (t) => ({
      chatId: t.id({ required: true, description: 'The room’s id.' }).validate(idOf('Chat')),
      personIds: t.idList({ required: true, validate: peopleAtOnce, description: 'At most 50.' }),
    }),
  },
  {
    description: 'Makes people members of a room. They are told by whom, and can leave at once.',
    authScopes: { signedIn: true },
    errors,
    resolve: async (_root, { input: { chatId, personIds } }, context) => {
      await addMembers(
        viewerIn(context),
        chatId,
        personIds.map((id) => rowId('Person', id)),
      );
      return { chatId };
    },
  },
  { description: 'They are in it.', outputFields: changedChat },
);

builder.relayMutationField(
  'removeMember',
  {
    description: 'Who is to go, and where.',
    inputFields: (t) => ({
      chatId: t.id({ required: true, description: 'The room’s id.' }).validate(idOf('Chat')),
      personId: t.id({ required: true, description: 'The person’s id.' }).validate(idOf('Person')),
      ban: t.boolean({ defaultValue: false, description: 'Whether they cannot come back by themselves.' }),
    }),
  },
  {
    description: 'Removes somebody from a room: never an owner, and a moderator only by an owner.',
    authScopes: { signedIn: true },
    errors,
    resolve: async (_root, { input: { chatId, personId, ban } }, context) => {
      await removeMember(viewerIn(context), chatId, { personId, ban: ban ?? false });
      return { chatId };
    },
  },
  { description: 'They are out of it.', outputFields: changedChat },
);

builder.relayMutationField(
  'setMemberRole',
  {
    description: 'Who is to be what, and where.',
    inputFields: (t) => ({
      chatId: t.id({ required: true, description: 'The room’s id.' }).validate(idOf('Chat')),
      personId: t.id({ required: true, description: 'The person’s id.' }).validate(idOf('Person')),
      role: t.field({ type: MemberRoleType, required: true, description: 'The new role.' }),
    }),
  },
  {
    description: 'Gives a member of a room another role. Owners step down by themselves alone.',
    authScopes: { signedIn: true },
    errors,
    resolve: async (_root, { input: { chatId, personId, role } }, context) => {
      await setMemberRole(viewerIn(context), chatId, { personId, role });
      return { chatId };
    },
  },
  { description: 'It was done.', outputFields: changedChat },
);

builder.relayMutationField(
  'acceptInvitation',
  {
    description: 'By which link.',
    inputFields: (t) => ({
      token: t.string({ required: true, validate: searchText, description: 'The last part of the link.' }),
    }),
  },
  {
    description: 'Joins a room by a link. Whoever is in it already stays, and the link loses no use.',
    authScopes: { signedIn: true },
    errors,
    resolve: async (_root, { input: { token } }, context) => ({
      chatId: await acceptInvitation(viewerIn(context), token),
    }),
  },
  { description: 'The viewer is in it.', outputFields: changedChat },
);
