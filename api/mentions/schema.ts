import { Agent } from '../agents/schema.ts';
import { Chat } from '../chats/schema.ts';
import { db } from '../database/db.ts';
import { literally } from '../database/literally.ts';
import { builder } from '../graphql-builder/builder.ts';
import { ErrorCodeType } from '../graphql-builder/error-types.ts';
import { peopleCount, searchText } from '../graphql-builder/limits.ts';
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

const Handle = builder.prismaObject('Handle', {
  description: 'A name that mentions somebody after `@`: a person, or an agent.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name, in small letters.' }),
    person: t.relation('user', { type: Person, nullable: true, description: 'The person whose it is; else null.' }),
    agent: t.relation('agent', { type: Agent, nullable: true, description: 'The agent whose it is; else null.' }),
  }),
});

builder.prismaObjectField(Chat, 'mentionable', (t) =>
  t.prismaField({
    type: [Handle],
    description:
      'Of a room: members and agents whose handle or name begins with what is typed after `@`, the agents first. For completion.',
    complexity: ({ first }) => ({ field: 1, multiplier: first ?? 8 }),
    args: {
      search: t.arg.string({ defaultValue: '', validate: searchText, description: 'What is typed; empty: anybody.' }),
      first: t.arg.int({ defaultValue: 8, validate: peopleCount, description: 'So many at most, 1 to 50.' }),
    },
    select: { id: true },
    resolve: (query, { id: chatId }, { search, first }) => {
      const startsWith = { startsWith: literally(search?.trim() ?? ''), mode: 'insensitive' } as const;
      return db.handle.findMany({
        ...query,
        where: {
          OR: [
            { agent: { archivedAt: null, rooms: { some: { chatId } } } },
            { user: { memberships: { some: { chatId, leftAt: null } } } },
          ],
          AND: { OR: [{ name: startsWith }, { user: { name: startsWith } }, { agent: { name: startsWith } }] },
        },
        // Agents have an `agentId`, which sorts before none.
        orderBy: [{ agentId: { sort: 'asc', nulls: 'last' } }, { name: 'asc' }],
        take: first ?? 8,
      });
    },
  }),
);
