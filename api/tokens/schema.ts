import { Chat } from '../chats/schema.ts';
import { visibleTo } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import type { ApiScope } from '../generated/prisma/client.ts';
import { builder } from '../graphql-builder/builder.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import { chatsOfToken, documentsOfToken, scopesAtOnce, tokenChatCount, tokenName } from '../graphql-builder/limits.ts';
import { encodeGlobalId, idOf, rowId } from '../ids.ts';
import { tokenInCareOf } from './care.ts';
import { createToken } from './create.ts';
import { revokeToken } from './revoke.ts';

/** Those that can be used, and those that have expired lately. */
const MOST_LISTED = 200;
const EXPIRED_LATELY_MS = 30 * 86_400_000;

const Scope = builder.enumType('ApiScope', {
  description: 'What a token may be used for. It can never do more than its owner. New ones may come.',
  values: {
    READ_CHATS: { description: 'Read chats, rooms and the messages in them, follow them, and find people and agents.' },
    WRITE_CHATS: {
      description:
        'Make, change and delete private chats; send, edit and delete messages, which asks agents as it does for a person; react, and mark as read.',
    },
    RUN_AGENTS: { description: 'Ask an agent again or another one, and stop answers.' },
    MANAGE_ROOMS: { description: 'Make, change, join and leave rooms; their members, agents and invitations.' },
    READ_CONTEXTS: { description: 'Read what agents are told first: the personal context, and what else one may see.' },
    WRITE_CONTEXTS: { description: 'Change the contexts.' },
    READ_USAGE: {
      description:
        'Reserved for reports of what was used and what it cost. No field needs it yet, so that the page does not offer it.',
    },
    ACCOUNT: { description: 'Read the account’s address and preferences, and change its handle and preferences.' },
    ADMIN_AGENTS: { description: 'Of an administrator: make and change agents.' },
    ADMIN_PEOPLE: { description: 'Of an administrator: disable, delete and limit accounts. Also delete one’s own.' },
    ADMIN_AUDIT: { description: 'Of an administrator: read what was changed by whom.' },
  } satisfies Record<ApiScope, object>,
});

const ApiToken = builder.prismaNode('ApiToken', {
  description:
    'A secret by which a program asks in its owner’s name. Seen by its owner, and of a service agent by administrators, in a browser alone.',
  authScopes: { signedIn: true },
  nullable: true,
  id: { field: 'id', description: 'The token’s id.' },
  findUnique: (id, { viewer }) => ({ ...tokenInCareOf(viewer), id }),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What its owner calls it.' }),
    prefix: t.exposeString('prefix', { description: 'The beginning of its secret, to recognise it by.' }),
    scopes: t.expose('scopes', { type: [Scope], description: 'What it may be used for.' }),
    chatIds: t.idList({
      nullable: true,
      description: 'The only chats that it reaches; null: all of its owner’s.',
      select: { chatIds: true },
      resolve: ({ chatIds }) => (chatIds.length === 0 ? null : chatIds.map((id) => encodeGlobalId('Chat', id))),
    }),
    chats: t.prismaField({
      type: [Chat],
      description:
        'Those of `chatIds` that the viewer sees, by title; empty where it is bound to none. An administrator may not be in all rooms of a service agent.',
      complexity: ({ first }) => ({ field: 1, multiplier: first ?? 10 }),
      args: {
        first: t.arg.int({ defaultValue: 10, validate: tokenChatCount, description: 'So many at most, 1 to 100.' }),
      },
      select: { chatIds: true },
      resolve: (query, { chatIds }, { first }, context) =>
        chatIds.length === 0
          ? []
          : db.chat.findMany({
              ...query,
              where: { ...visibleTo(viewerIn(context)), id: { in: chatIds } },
              orderBy: [{ title: 'asc' }, { id: 'asc' }],
              take: first ?? 10,
            }),
    }),
    documentIds: t.stringList({
      nullable: true,
      description: 'The only documents that it runs, by their SHA-256 in hexadecimal; null: any.',
      select: { documentIds: true },
      resolve: ({ documentIds }) => (documentIds.length === 0 ? null : documentIds),
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when it can be used; null: it never expires.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was revoked; null: it was not.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was used last, to the minute; null: never.',
    }),
    lastUsedAddress: t.exposeString('lastUsedAddress', {
      nullable: true,
      description: 'From which address it was used then, an IPv6 address by its first 64 bits; null: never.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
  }),
});

builder.queryField('apiTokens', (t) =>
  t.prismaField({
    type: [ApiToken],
    description: `The viewer’s tokens that are not revoked, nor expired for more than 30 days, the newest first, at most ${MOST_LISTED}; with \`serviceAgentId\` those of that service agent, for administrators.`,
    args: {
      serviceAgentId: t.arg
        .id({ description: 'The id of a service agent; left out: the viewer’s own.' })
        .validate(idOf('Person').nullish()),
    },
    authScopes: { signedIn: true },
    complexity: { field: 1, multiplier: MOST_LISTED },
    resolve: (query, _root, { serviceAgentId }, context) =>
      db.apiToken.findMany({
        ...query,
        where: {
          ...tokenInCareOf(viewerIn(context)),
          userId: serviceAgentId ?? viewerIn(context).id,
          revokedAt: null,
          // So that those which can be used have room.
          OR: [{ expiresAt: null }, { expiresAt: { gt: new Date(Date.now() - EXPIRED_LATELY_MS) } }],
        },
        orderBy: { id: 'desc' },
        take: MOST_LISTED,
      }),
  }),
);

builder.relayMutationField(
  'createApiToken',
  {
    description: 'A new token.',
    inputFields: (t) => ({
      name: t.string({ required: true, validate: tokenName, description: 'What it is for, at most 80 characters.' }),
      scopes: t.field({
        type: [Scope],
        required: true,
        validate: scopesAtOnce,
        description: 'What it may be used for: one at least.',
      }),
      expiresAt: t.field({
        type: 'DateTime',
        description:
          'Until when it can be used, at most 365 days from now; left out: 90 days. Null: never, where the server allows it.',
      }),
      chatIds: t
        .idList({ description: 'The only chats that it reaches, 1 to 100; left out: all of its owner’s.' })
        .validate(chatsOfToken.transform((ids) => ids.map((id) => rowId('Chat', id))).nullish()),
      serviceAgentId: t
        .id({ description: 'For an administrator: whose token it is, a service agent’s; left out: the viewer’s.' })
        .validate(idOf('Person').nullish()),
      documentIds: t.stringList({
        validate: documentsOfToken.nullish(),
        description: 'The only documents that it runs, 1 to 200, by their SHA-256 in hexadecimal; left out: any.',
      }),
    }),
  },
  {
    description:
      'Makes a token by which a program asks in the viewer’s name, or in that of a service agent: `Authorization: Bearer …`.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: (_root, { input: { name, scopes, expiresAt, chatIds, documentIds, serviceAgentId } }, context) =>
      createToken(viewerIn(context), {
        name,
        scopes,
        expiresAt,
        serviceAgentId: serviceAgentId ?? undefined,
        chatIds: chatIds ?? [],
        documentIds: documentIds ?? [],
      }),
  },
  {
    description: 'The token was made.',
    outputFields: (t) => ({
      secret: t.exposeString('secret', { description: 'Told this once: only its hash is stored.' }),
      token: t.prismaField({
        type: ApiToken,
        description: 'The token, without its secret.',
        resolve: (query, { tokenId }) => db.apiToken.findUniqueOrThrow({ ...query, where: { id: tokenId } }),
      }),
    }),
  },
);

builder.relayMutationField(
  'revokeApiToken',
  {
    description: 'Which token.',
    inputFields: (t) => ({
      id: t.id({ required: true, description: 'The token’s id.' }).validate(idOf('ApiToken')),
    }),
  },
  {
    description: 'Makes a token useless, at once and for good. Streams that it opened end within two seconds.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, InvalidInputError] },
    resolve: async (_root, { input: { id } }, context) => {
      await revokeToken(viewerIn(context), id);
      return { tokenId: id };
    },
  },
  {
    description: 'It was revoked.',
    outputFields: (t) => ({
      token: t.prismaField({
        type: ApiToken,
        description: 'The token, as it is now.',
        resolve: (query, { tokenId }) => db.apiToken.findUniqueOrThrow({ ...query, where: { id: tokenId } }),
      }),
    }),
  },
);
