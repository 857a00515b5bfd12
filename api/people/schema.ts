import { builder } from '../graphql-builder/builder.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { InvalidInputError } from '../errors.ts';
import { noSuchId } from '../ids.ts';
import { isModelConnected } from '../providers/providers.ts';
import { peopleCount, personHandle, searchText } from '../graphql-builder/limits.ts';
import { avatarColorOf } from './avatar-color.ts';
import { inDirectory, knownTo } from './directory.ts';
import { updateHandle } from './handle.ts';
import { updatePreferences } from './preferences.ts';
import { version } from '../operations/version.ts';

const UserRole = builder.enumType('UserRole', {
  description: 'What somebody may do.',
  values: {
    USER: { description: 'Chats.' },
    ADMIN: { description: 'Chats, and looks after agents and the primary context. The first account is one.' },
    AGENT: { description: 'A program that takes part in rooms, with tokens and without a password: a service agent.' },
  },
});

const Locale = builder.enumType('Locale', {
  description: 'A language of the web app.',
  values: { EN: { description: 'English.' }, RU: { description: 'Russian.' } },
});

const Theme = builder.enumType('Theme', {
  description: 'The colours of the web app.',
  values: {
    SYSTEM: { description: 'As the device is set.' },
    DARK: { description: 'Light on dark.' },
    LIGHT: { description: 'Dark on light.' },
  },
});

export const User = builder.prismaNode('User', {
  description: 'A person with an account. One sees oneself.',
  authScopes: { signedIn: true },
  nullable: true,
  id: { field: 'id', description: 'The user’s id.' },
  // Only oneself: what others may know of a person is `Person`.
  findUnique: (id, context) => ({ AND: [{ id: context.viewer?.id ?? noSuchId }], id }),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As the person wants to be called.' }),
    email: t.exposeString('email', { description: 'The address that signs in.' }),
    role: t.expose('role', { type: UserRole, description: 'What the person may do.' }),
    locale: t.expose('locale', {
      type: Locale,
      nullable: true,
      description: 'Null until chosen: the browser decides.',
    }),
    theme: t.expose('theme', { type: Theme, description: 'The colours chosen.' }),
    maxChats: t.exposeInt('maxChats', { description: 'How many active chats the person may have.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was made.' }),
  }),
});

export const Person = builder.prismaNode('User', {
  variant: 'Person',
  description: 'What people see of each other.',
  authScopes: { signedIn: true },
  nullable: true,
  id: { field: 'id', description: 'The person’s id.' },
  findUnique: (id, { viewer }) => ({ ...knownTo(viewer ?? { id: noSuchId }), id }),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As the person wants to be called.' }),
    handle: t.string({
      description: 'Without the `@`.',
      select: { handle: { select: { name: true } } },
      resolve: ({ handle }) => handle?.name ?? '',
    }),
    avatarColor: t.string({
      description: 'The colour of their initials, as `#rrggbb`: always the same for one person.',
      select: { id: true },
      resolve: ({ id }) => avatarColorOf(id),
    }),
    isDisabled: t.boolean({
      description:
        'Whether an administrator disabled the account, so that nobody can sign in to it. To everybody but administrators: false.',
      select: { disabledAt: true },
      // An enabled account does not depend on the viewer, so that the event can be shared.
      resolve: ({ disabledAt }, _args, context) => disabledAt !== null && viewerIn(context).role === 'ADMIN',
    }),
    isAgent: t.boolean({
      description: 'Whether a program writes under this name: a service agent.',
      select: { role: true },
      resolve: ({ role }) => role === 'AGENT',
    }),
  }),
});

builder.prismaObjectField(User, 'person', (t) =>
  t.variant(Person, { description: 'What others see of this person; messages name their authors by it.' }),
);

builder.queryField('people', (t) =>
  t.prismaField({
    type: [Person],
    description:
      'People of this installation whose name or handle begins with the words of `search`, by name. With `DIRECTORY=rooms`: those whom the viewer shares a room with, and whoever has exactly that handle. Those who are disabled are found by administrators alone.',
    authScopes: { signedIn: true },
    complexity: ({ first }) => ({ field: 1, multiplier: first ?? 20 }),
    args: {
      search: t.arg.string({ validate: searchText, description: 'Left out: everybody. At most 255 characters.' }),
      first: t.arg.int({ defaultValue: 20, validate: peopleCount, description: 'So many at most, 1 to 50.' }),
    },
    resolve: (query, _root, { search, first }, context) =>
      db.user.findMany({
        ...query,
        where: inDirectory(viewerIn(context), search ?? ''),
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
        take: first ?? 20,
      }),
  }),
);

builder.relayMutationField(
  'updateHandle',
  {
    description: 'Another handle.',
    inputFields: (t) => ({
      handle: t.string({
        required: true,
        validate: personHandle,
        description: '2 to 30 small letters, digits, dots, underscores and hyphens, without the `@`.',
      }),
    }),
  },
  {
    description: 'Changes the viewer’s handle. The old one is free for others after 30 days.',
    authScopes: { signedIn: true },
    errors: { types: [InvalidInputError] },
    resolve: async (_root, { input: { handle } }, context) => {
      await updateHandle(viewerIn(context), handle);
      return { id: viewerIn(context).id };
    },
  },
  {
    description: 'It was changed.',
    outputFields: (t) => ({
      person: t.prismaField({
        type: Person,
        description: 'The viewer, changed.',
        resolve: (query, { id }) => db.user.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  },
);

builder.queryField('viewer', (t) =>
  t.prismaField({
    type: User,
    nullable: true,
    description: 'Who asks; null when signed out.',
    resolve: (query, _root, _args, { viewer }) => viewer && db.user.findUnique({ ...query, where: { id: viewer.id } }),
  }),
);

builder.relayMutationField(
  'updatePreferences',
  {
    description: 'What of the viewer’s preferences is to change; what is left out stays.',
    inputFields: (t) => ({
      locale: t.field({ type: Locale, description: 'The language; null: let the browser decide.' }),
      theme: t.field({ type: Theme, description: 'The colours; null changes nothing.' }),
    }),
  },
  {
    description: 'Changes the language and the colours, on all of the viewer’s devices.',
    authScopes: { signedIn: true },
    errors: { types: [InvalidInputError] },
    resolve: async (_root, { input: { locale, theme } }, context) => {
      const viewer = viewerIn(context);
      await updatePreferences(viewer, { locale, theme: theme ?? undefined });
      return { id: viewer.id };
    },
  },
  {
    outputFields: (t) => ({
      user: t.prismaField({
        type: User,
        description: 'The viewer, changed.',
        resolve: (query, { id }) => db.user.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  },
);

const SignUpMode = builder.enumType('SignUpMode', {
  description: 'Who may make an account.',
  values: { OPEN: { description: 'Everybody.' }, CLOSED: { description: 'Nobody, but for the very first one.' } },
});

const Server = builder.objectRef<object>('Server').implement({
  description: 'What everybody may know of this installation, signed in or not.',
  fields: (t) => ({
    version: t.string({ description: 'Confab’s version.', resolve: () => version }),
    signUp: t.field({
      type: SignUpMode,
      description: 'Who may make an account.',
      resolve: () => (env.SIGN_UP === 'open' ? ('OPEN' as const) : ('CLOSED' as const)),
    }),
    needsFirstAccount: t.boolean({
      description: 'Nobody has an account yet: the first one will be the administrator.',
      resolve: async () => (await db.user.findFirst({ select: { id: true } })) === null,
    }),
    hasModelKey: t.boolean({
      description:
        'Is a model connected? Without one, only the echo answers; the settings ANTHROPIC_API_KEY, OPENAI_API_KEY and OPENAI_BASE_URL connect one.',
      resolve: () => isModelConnected(),
    }),
  }),
});

builder.queryField('server', (t) => t.field({ type: Server, description: 'This installation.', resolve: () => ({}) }));
