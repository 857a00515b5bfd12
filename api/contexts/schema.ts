import { builder, type FieldsOf } from '../graphql-builder/builder.ts';
import { administratorIn, viewerIn } from '../graphql-builder/context.ts';
import { db } from '../database/db.ts';
import { ErrorInterface } from '../graphql-builder/error-types.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../errors.ts';
import { idOf, noSuchId } from '../ids.ts';
import { contextContent, expectedVersion } from '../graphql-builder/limits.ts';
import { pageRequest } from '../paging/pages.ts';
import { DEFAULT_PRIMARY_CONTEXT } from './assemble.ts';
import { contextsVisibleTo, personalContext, primaryContext, restoreContextVersion, writeContext } from './files.ts';
import { fitVersions, versionTexts } from './load-texts.ts';
import { listVersions } from './versions.ts';

export const ContextType = builder.enumType('ContextType', {
  description: 'Whose context it is.',
  values: {
    PRIMARY: { description: 'The installation’s: the first thing that every model is told.' },
    PERSONAL: { description: 'One person’s: told in answers to them alone.' },
  },
});

export const ContextVersion = builder.prismaNode('ContextVersion', {
  description: 'One wording of a context file. Never changed.',
  authScopes: { signedIn: true },
  nullable: true,
  // Without this all columns are loaded; the wordings come by themselves (texts.ts).
  select: { id: true },
  id: { field: 'id', description: 'The version’s id.' },
  findUnique: (id, { viewer }) => ({ contextFile: viewer ? contextsVisibleTo(viewer) : { id: noSuchId }, id }),
  fields: (t) => ({
    version: t.exposeInt('version', { description: '1 for the first wording, one more for each after it.' }),
    content: t.string({
      description: 'The wording.',
      select: { id: true },
      resolve: async ({ id }, _args, { answer }) => (await versionTexts(answer).get(id, 'content')) ?? '',
    }),
    updatedBy: t.relation('updatedBy', { nullable: true, description: 'Who wrote it; null: somebody who is gone.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was written.' }),
  }),
});

export const ContextFile = builder.prismaNode('ContextFile', {
  description:
    'What every answer is told first. The primary one is seen by administrators, a personal one by its owner.',
  authScopes: { signedIn: true },
  nullable: true,
  id: { field: 'id', description: 'The file’s id.' },
  findUnique: (id, { viewer }) => ({ ...(viewer ? contextsVisibleTo(viewer) : { userId: noSuchId }), id }),
  fields: (t) => ({
    type: t.expose('type', { type: ContextType, description: 'Whose it is.' }),
    content: t.exposeString('content', { description: 'The present wording; empty: nothing was written yet.' }),
    defaultContent: t.string({
      nullable: true,
      description: 'What is sent while `content` is empty; null: nothing is.',
      resolve: ({ type }) => (type === 'PRIMARY' ? DEFAULT_PRIMARY_CONTEXT : null),
    }),
    version: t.exposeInt('version', { description: '0 while nothing was written, then one more for each change.' }),
    updatedBy: t.relation('updatedBy', { nullable: true, description: 'Who wrote the present wording.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
    versions: t.connection(
      {
        type: ContextVersion,
        description: 'Every wording there was, the newest first. Pages of 1 to 100, usually 25.',
        complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? 25 }),
        select: { id: true },
        resolve: ({ id }, page, { answer }, info) =>
          listVersions(id, pageRequest(page), (found, request) => fitVersions(found, request, { answer, info })),
      },
      { name: 'ContextVersionConnection', description: 'A page of wordings.' },
      { name: 'ContextVersionEdge', description: 'A wording and its place in the list.' },
    ),
  }),
});

builder.queryFields((t) => ({
  primaryContext: t.prismaField({
    type: ContextFile,
    nullable: true,
    description: 'The installation’s context. For administrators; null for others.',
    authScopes: { signedIn: true },
    resolve: async (query, _root, _args, { viewer }) => {
      if (viewer?.role !== 'ADMIN') return null;
      const { id } = await primaryContext();
      return db.contextFile.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  personalContext: t.prismaField({
    type: ContextFile,
    description: 'The viewer’s own context.',
    authScopes: { signedIn: true },
    resolve: async (query, _root, _args, context) => {
      const { id } = await personalContext(viewerIn(context).id);
      return db.contextFile.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
}));

function presentFile(t: FieldsOf<{ contextFileId: string }>, description: string) {
  return t.prismaField({
    type: ContextFile,
    description,
    resolve: (query, { contextFileId }) => db.contextFile.findUniqueOrThrow({ ...query, where: { id: contextFileId } }),
  });
}

function changedFile(t: FieldsOf<{ contextFileId: string }>) {
  return { contextFile: presentFile(t, 'The file, as it is now.') };
}

builder.objectType(ConflictError, {
  name: 'ConflictError',
  description:
    'Somebody else changed it since it was read, or the same `clientId` came with another input before. Nothing was written.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    current: t.prismaField({
      type: ContextFile,
      nullable: true,
      description: 'What stands there now; null where it is about a `clientId`.',
      resolve: (query, { contextFileId: id }) =>
        id === null ? null : db.contextFile.findUniqueOrThrow({ ...query, where: { id } }),
    }),
  }),
});

builder.relayMutationField(
  'updatePrimaryContext',
  {
    description: 'The new wording.',
    inputFields: (t) => ({
      content: t.string({
        required: true,
        validate: contextContent,
        description: 'At most 50,000 characters; empty: the default.',
      }),
      expectedVersion: t.int({ required: true, validate: expectedVersion, description: 'The version that was read.' }),
    }),
  },
  {
    description:
      'Changes what every model is told first, from the next answer on. For administrators; to others it is not there.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, InvalidInputError, ConflictError] },
    resolve: async (_root, { input }, context) => {
      const viewer = administratorIn(context);
      return { contextFileId: await writeContext(viewer, await primaryContext(), input) };
    },
  },
  { description: 'It was written.', outputFields: changedFile },
);

builder.relayMutationField(
  'updatePersonalContext',
  {
    description: 'The new wording.',
    inputFields: (t) => ({
      content: t.string({
        required: true,
        validate: contextContent,
        description: 'At most 50,000 characters; empty: none.',
      }),
      expectedVersion: t.int({ required: true, validate: expectedVersion, description: 'The version that was read.' }),
    }),
  },
  {
    description: 'Changes what every model is told when it answers the viewer, from the next answer on.',
    authScopes: { signedIn: true },
    errors: { types: [InvalidInputError, ConflictError] },
    resolve: async (_root, { input }, context) => {
      const viewer = viewerIn(context);
      return { contextFileId: await writeContext(viewer, await personalContext(viewer.id), input) };
    },
  },
  { description: 'It was written.', outputFields: changedFile },
);

builder.relayMutationField(
  'restoreContextVersion',
  {
    description: 'Which wording.',
    inputFields: (t) => ({
      id: t
        .id({ required: true, description: 'The id of the version to bring back.' })
        .validate(idOf('ContextVersion')),
      expectedVersion: t.int({
        required: true,
        validate: expectedVersion,
        description: 'The file’s version that was read.',
      }),
    }),
  },
  {
    description:
      'Writes an old wording as a new version: of one’s personal context, or as an administrator of the primary one.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, InvalidInputError, ConflictError] },
    resolve: async (_root, { input: { id, expectedVersion: version } }, context) => ({
      contextFileId: await restoreContextVersion(viewerIn(context), id, version),
    }),
  },
  { description: 'It was written.', outputFields: changedFile },
);
