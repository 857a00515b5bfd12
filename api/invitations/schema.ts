import type { Reader } from '../auth/viewer.ts';
import { Chat } from '../chats/schema.ts';
import { inReach } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { builder } from '../graphql-builder/builder.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import { invitationDays, invitationUses } from '../graphql-builder/limits.ts';
import { encodeGlobalId, idOf, noSuchId } from '../ids.ts';
import { may } from '../members/may.ts';
import { Person } from '../people/schema.ts';
import { createInvitation, revokeInvitation } from './links.ts';

const errors = { types: [NotFoundError, ForbiddenError, InvalidInputError] };

const Invitation = builder.prismaNode('Invitation', {
  description:
    'A link by which people join a room. Its token is told once, when it is made. Seen by moderators and owners, and where members may invite, by the member who made it.',
  authScopes: { signedIn: true },
  nullable: true,
  id: { field: 'id', description: 'The invitation’s id.' },
  findUnique: (id, { viewer }) => ({ ...invitationVisibleTo(viewer ?? { id: noSuchId }), id }),
  fields: (t) => ({
    createdBy: t.relation('createdBy', {
      type: Person,
      nullable: true,
      description: 'Who made it; null: they are gone.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it can be used.' }),
    maxUses: t.exposeInt('maxUses', { description: 'How many people it lets in.' }),
    uses: t.exposeInt('uses', { description: 'How many it has let in.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
  }),
});

/** All of the rooms that a person moderates, and their own where members may invite. */
function invitationVisibleTo(viewer: Reader) {
  const { id } = viewer;
  const own = { userId: id, leftAt: null };
  return {
    chat: { deletedAt: null },
    OR: [
      { chat: { members: { some: { ...own, role: { in: ['OWNER' as const, 'MODERATOR' as const] } } } } },
      { createdById: id, chat: { membersMayInvite: true, members: { some: own } } },
    ],
    ...inReach(viewer, 'chatId'),
  } satisfies Prisma.InvitationWhereInput;
}

builder.prismaObjectFields(Chat, (t) => ({
  invitations: t.field({
    type: [Invitation],
    description:
      'Of a room: the links that can be used, at most 50; for one who is neither moderator nor owner, their own. Empty for those who may not invite.',
    complexity: { field: 1, multiplier: 10 },
    select: (_args, context) => ({
      id: true,
      kind: true,
      membersMayInvite: true,
      closedAt: true,
      deletedAt: true,
      members: {
        where: { userId: viewerIn(context).id, leftAt: null },
        select: { role: true, pinnedAt: true, archivedAt: true },
      },
    }),
    resolve: async ({ id, members: [own], ...chat }, _args, context) => {
      if (!own || !may(own, chat, 'INVITE')) return [];
      // As many as `createInvitation` allows.
      return db.invitation.findMany({
        where: {
          chatId: id,
          ...(own.role === 'MEMBER' && { createdById: viewerIn(context).id }),
          revokedAt: null,
          expiresAt: { gt: new Date() },
          uses: { lt: db.invitation.fields.maxUses },
        },
        orderBy: { createdAt: 'desc' },
      });
    },
  }),
}));

builder.relayMutationField(
  'createInvitation',
  {
    description: 'A link to a room.',
    inputFields: (t) => ({
      chatId: t.id({ required: true, description: 'The room’s id.' }).validate(idOf('Chat')),
      days: t.int({ defaultValue: 7, validate: invitationDays, description: 'For how many days, 1 to 30.' }),
      maxUses: t.int({ defaultValue: 20, validate: invitationUses, description: 'For how many people, 1 to 100.' }),
    }),
  },
  {
    description:
      'Makes a link by which others join the room: `/join/` and the token. A room has 50 open ones at most, one who is neither moderator nor owner five.',
    authScopes: { signedIn: true },
    errors,
    resolve: (_root, { input: { chatId, days, maxUses } }, context) =>
      createInvitation(viewerIn(context), chatId, { days: days ?? 7, maxUses: maxUses ?? 20 }),
  },
  {
    description: 'The link was made.',
    outputFields: (t) => ({
      token: t.exposeString('token', { description: 'Told this once: only its hash is stored.' }),
      invitation: t.prismaField({
        type: Invitation,
        description: 'The link, without its token.',
        resolve: (query, { invitationId }) =>
          db.invitation.findUniqueOrThrow({ ...query, where: { id: invitationId } }),
      }),
    }),
  },
);

builder.relayMutationField(
  'revokeInvitation',
  {
    description: 'Which link.',
    inputFields: (t) => ({
      id: t.id({ required: true, description: 'The invitation’s id.' }).validate(idOf('Invitation')),
    }),
  },
  {
    description: 'Makes a link useless. Who came by it stays.',
    authScopes: { signedIn: true },
    errors,
    resolve: async (_root, { input: { id } }, context) => {
      await revokeInvitation(viewerIn(context), id);
      return { id: encodeGlobalId('Invitation', id) };
    },
  },
  {
    description: 'It is useless.',
    outputFields: (t) => ({ invitationId: t.exposeID('id', { description: 'Which one.' }) }),
  },
);
