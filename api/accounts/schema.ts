import type { Viewer } from '../auth/viewer.ts';
import { db } from '../database/db.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { builder, type FieldsOf } from '../graphql-builder/builder.ts';
import { administratorIn, viewerIn } from '../graphql-builder/context.ts';
import { chatCount } from '../graphql-builder/limits.ts';
import { encodeGlobalId, idOf } from '../ids.ts';
import { Person } from '../people/schema.ts';
import { deletePerson, type MessagesOfDeleted } from './delete.ts';
import { disablePerson, enablePerson, setMaxChats } from './disable.ts';

const MessagesOfDeletedType = builder.enumType('MessagesOfDeleted', {
  description: 'What becomes of what somebody said in rooms when their account is deleted.',
  values: {
    KEEP: { description: 'It stays, without its author.' },
    ERASE: { description: 'Its words are erased for good; tombstones keep the places.' },
  } satisfies Record<MessagesOfDeleted, object>,
});

const errors = { types: [NotFoundError, ForbiddenError, InvalidInputError] };

builder.relayMutationField(
  'deletePerson',
  {
    description: 'Whom to delete.',
    inputFields: (t) => ({
      id: t.id({ required: true, description: 'The person’s id.' }).validate(idOf('Person')),
      messages: t.field({
        type: MessagesOfDeletedType,
        required: true,
        description: 'What becomes of what they said in rooms.',
      }),
    }),
  },
  {
    description:
      'Deletes an account for good: one’s own, or another’s as an administrator. Their private chats go with it. A room without another owner goes to the moderator who has been in it longest, else to the member. The last administrator stays.',
    authScopes: { signedIn: true },
    errors,
    resolve: async (_root, { input: { id, messages } }, context) => {
      const viewer = viewerIn(context);
      await deletePerson(id === viewer.id ? viewer : administratorIn(context), id, messages);
      return { id: encodeGlobalId('Person', id) };
    },
  },
  {
    description: 'The account is gone, and whoever was signed in to it is signed out.',
    outputFields: (t) => ({ personId: t.exposeID('id', { description: 'Whose it was.' }) }),
  },
);

administering(
  'disablePerson',
  disablePerson,
  'Closes an account until `enablePerson`: nobody can sign in to it, sessions and streams end at once. What the person wrote stays, and so do their memberships. By administrators; the last one stays.',
);
administering('enablePerson', enablePerson, 'Opens an account that was disabled. By administrators.');

builder.relayMutationField(
  'setMaxChats',
  {
    description: 'How many chats, and whose.',
    inputFields: (t) => ({
      personId: t.id({ required: true, description: 'The person’s id.' }).validate(idOf('Person')),
      maxChats: t.int({
        required: true,
        validate: chatCount,
        description: 'How many active private chats they may have, 0 to 1,000,000.',
      }),
    }),
  },
  {
    description: 'Sets how many active private chats a person may have. Those that are there stay. By administrators.',
    authScopes: { signedIn: true },
    errors,
    resolve: async (_root, { input: { personId, maxChats } }, context) => {
      await setMaxChats(administratorIn(context), personId, maxChats);
      return { id: personId, maxChats };
    },
  },
  {
    description: 'It was set.',
    outputFields: (t) => ({
      ...administered(t),
      maxChats: t.exposeInt('maxChats', { description: 'How many they may have now.' }),
    }),
  },
);

function administering(
  name: string,
  verb: (viewer: Viewer, personId: string) => Promise<void>,
  description: string,
): void {
  builder.relayMutationField(
    name,
    {
      description: 'Whose account.',
      inputFields: (t) => ({ id: t.id({ required: true, description: 'The person’s id.' }).validate(idOf('Person')) }),
    },
    {
      description,
      authScopes: { signedIn: true },
      errors,
      resolve: async (_root, { input: { id } }, context) => {
        await verb(administratorIn(context), id);
        return { id };
      },
    },
    { description: 'It was done.', outputFields: administered },
  );
}

function administered(t: FieldsOf<{ id: string }>) {
  return {
    person: t.prismaField({
      type: Person,
      description: 'The person, as they are now.',
      resolve: (query, { id }) => db.user.findUniqueOrThrow({ ...query, where: { id } }),
    }),
  };
}
