import { Agent } from '../agents/schema.ts';
import { builder } from '../graphql-builder/builder.ts';
import { ErrorCodeType } from '../graphql-builder/error-types.ts';
import { Person } from '../people/schema.ts';
import type { ErrorCode } from '../errors.ts';

export const Mention = builder.prismaObject('Mention', {
  description: 'Whom a message of a room is for: a person, an agent, or all members.',
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: true,
      description:
        'The handle as it stands in the text after `@`, in small letters: a later rename keeps the mention. Null: the text does not name it. So it is with an agent to whom one replies, and with one that answers everything.',
    }),
    person: t.relation('user', { type: Person, nullable: true, description: 'The person; else null.' }),
    agent: t.relation('agent', { type: Agent, nullable: true, description: 'The agent; else null.' }),
    isRoom: t.exposeBoolean('isRoom', { description: 'Whether it is for all members: `@room`.' }),
    refusal: t.field({
      type: ErrorCodeType,
      nullable: true,
      description: 'Why the agent was not asked; null: it was. `askAgent` asks it again.',
      resolve: ({ refusal }) => refusal as ErrorCode | null,
    }),
  }),
});
