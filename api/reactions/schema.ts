import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { builder } from '../graphql-builder/builder.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import { emoji } from '../graphql-builder/limits.ts';
import { idOf } from '../ids.ts';
import { chatOf } from '../messages/chat-of.ts';
import { changedMessage, Message } from '../messages/schema.ts';
import { loadPeople } from '../people/load.ts';
import { Person } from '../people/schema.ts';
import { MOST_PEOPLE, reactionKey, type ReactionKind, reactionsGiven, reactionsOf } from './load.ts';
import { MOST_KINDS, react, unreact } from './react.ts';

const Reaction = builder.objectRef<ReactionKind>('Reaction').implement({
  description: 'One emoji under a message, and who gave it.',
  fields: (t) => ({
    key: t.string({
      description: 'Names it among the reactions to all messages: the message’s id and the emoji.',
      resolve: reactionKey,
    }),
    emoji: t.exposeString('emoji', { description: 'The emoji.' }),
    count: t.exposeInt('count', { description: 'How many people gave it.' }),
    people: t.prismaField({
      type: [Person],
      description: `The first ${MOST_PEOPLE} of them who are still here.`,
      complexity: { field: 1, multiplier: 5 },
      resolve: (query, { userIds }) => loadPeople(query, userIds),
    }),
    viewerReacted: t.boolean({
      description: 'Whether the viewer gave it.',
      resolve: async (kind, _args, context) => {
        const key = reactionKey(kind);
        return (await reactionsGiven(viewerIn(context).id, [key])).has(key);
      },
    }),
  }),
});

builder.prismaObjectFields(Message, (t) => ({
  reactions: t.field({
    type: [Reaction],
    description: `Of a room: the emoji that people gave it, at most ${MOST_KINDS} kinds, the oldest first. None when it was deleted.`,
    complexity: { field: 1, multiplier: 3 },
    select: { id: true, deletedAt: true },
    resolve: ({ id, deletedAt }) => (deletedAt ? [] : reactionsOf(id)),
  }),
}));

reacting('react', react, {
  what: 'Gives a message of a room one emoji. To give it again changes nothing.',
  done: 'It was given.',
});

reacting('unreact', unreact, {
  what: 'Takes the viewer’s emoji away from a message. Where it was not given, nothing changes.',
  done: 'It is gone.',
});

function reacting(name: string, verb: typeof react, says: { what: string; done: string }): void {
  builder.relayMutationField(
    name,
    {
      description: 'Which emoji, and on which message.',
      inputFields: (t) => ({
        messageId: t.id({ required: true, description: 'The message’s id.' }).validate(idOf('Message')),
        emoji: t.string({
          required: true,
          validate: emoji,
          description: 'One emoji of Unicode’s list of those recommended for general interchange (RGI).',
        }),
      }),
    },
    {
      description: says.what,
      authScopes: { signedIn: true },
      errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
      resolve: async (_root, { input }, context) => {
        await verb(viewerIn(context), await chatOf(viewerIn(context), input.messageId), input);
        return { messageId: input.messageId };
      },
    },
    {
      description: says.done,
      outputFields: (t) => ({ message: changedMessage(t, 'The message, as it is now.') }),
    },
  );
}
