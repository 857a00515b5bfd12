import { db } from '../database/db.ts';
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  OffsetError,
  RunInProgressError,
} from '../errors.ts';
import { builder, type FieldsOf } from '../graphql-builder/builder.ts';
import { administratorIn, viewerIn } from '../graphql-builder/context.ts';
import { ErrorInterface } from '../graphql-builder/error-types.ts';
import {
  agentModel,
  agentName,
  answerOffset,
  answerText,
  personHandle,
  tokenCount,
} from '../graphql-builder/limits.ts';
import { messageVisibleTo, runVisibleTo } from '../chats/visible.ts';
import { idOf } from '../ids.ts';
import { Message } from '../messages/schema.ts';
import { Person } from '../people/schema.ts';
import { PartKind, Run } from '../runs/schema.ts';
import { appendToAnswer } from './append.ts';
import { beginAnswer } from './begin.ts';
import { createServiceAgent } from './create.ts';
import { type AnswerEnd, endAnswer } from './end.ts';
import { updateServiceAgent } from './update.ts';

/** Administrators see them all at once. */
const MOST_LISTED = 100;

builder.objectType(OffsetError, {
  name: 'OffsetError',
  description: 'Words of an answer are missing before those that came, or before its end.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    known: t.exposeInt('known', {
      description: 'How many UTF-16 code units of the answer are known: send what follows them.',
    }),
  }),
});

builder.queryField('serviceAgents', (t) =>
  t.prismaField({
    type: [Person],
    nullable: true,
    description: `The accounts of programs that take part in rooms, by name, at most ${MOST_LISTED}. For administrators; null for others.`,
    authScopes: { signedIn: true },
    complexity: { field: 1, multiplier: MOST_LISTED },
    resolve: (query, _root, _args, context) => {
      if (viewerIn(context).role !== 'ADMIN') return null;
      return db.user.findMany({
        ...query,
        where: { role: 'AGENT' },
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
        take: MOST_LISTED,
      });
    },
  }),
);

builder.relayMutationField(
  'createServiceAgent',
  {
    description: 'A program that is to take part in rooms.',
    inputFields: (t) => ({
      name: t.string({
        required: true,
        validate: agentName,
        description: 'As people see it: one line, at most 100 characters.',
      }),
      handle: t.string({
        required: true,
        validate: personHandle,
        description: '2 to 30 small letters, digits, dots, underscores and hyphens, without the `@`.',
      }),
      clientId: t.field({ type: 'UUID', required: true, description: 'The same id again gives the first result.' }),
    }),
  },
  {
    description:
      'Makes an account for a program: a member of rooms like a person, marked as an agent. Nobody can sign in to it; `createApiToken` with `serviceAgentId` makes its tokens. By administrators.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError, ConflictError] },
    resolve: async (_root, { input }, context) => ({ id: await createServiceAgent(administratorIn(context), input) }),
  },
  {
    description: 'It was made. Rooms take it as a member by its id.',
    outputFields: (t) => ({
      person: t.prismaField({
        type: Person,
        description: 'The service agent, as people see it.',
        resolve: (query, { id }) => db.user.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  },
);

builder.relayMutationField(
  'updateServiceAgent',
  {
    description: 'What of the service agent is to change; what is left out stays.',
    inputFields: (t) => ({
      id: t.id({ required: true, description: 'The service agent’s id, as a person.' }).validate(idOf('Person')),
      name: t
        .string({ description: 'As people see it: one line, at most 100 characters; null changes nothing.' })
        .validate(agentName.nullish()),
      handle: t
        .string({
          description:
            '2 to 30 small letters, digits, dots, underscores and hyphens, without the `@`; null changes nothing.',
        })
        .validate(personHandle.nullish()),
    }),
  },
  {
    description:
      'Changes the name and the handle of a service agent. Its tokens, its answers and its places in rooms stay; the old handle is free for others after 30 days. By administrators. `deletePerson` deletes one that has not answered yet, `disablePerson` closes any.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: async (_root, { input: { id, name, handle } }, context) => {
      await updateServiceAgent(administratorIn(context), { id, name: name ?? undefined, handle: handle ?? undefined });
      return { id };
    },
  },
  {
    description: 'It was changed.',
    outputFields: (t) => ({
      person: t.prismaField({
        type: Person,
        description: 'The service agent, as people see it now.',
        resolve: (query, { id }) => db.user.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  },
);

function changedRun(t: FieldsOf<{ runId: string }>) {
  return t.prismaField({
    type: Run,
    nullable: true,
    description: 'The run, as it is now; null where the viewer was removed from the room in this moment.',
    resolve: (query, { runId }, _args, context) =>
      db.run.findFirst({ ...query, where: { ...runVisibleTo(viewerIn(context)), id: runId } }),
  });
}

builder.relayMutationField(
  'beginAnswer',
  {
    description: 'What is to be answered.',
    inputFields: (t) => ({
      chatId: t.id({ required: true, description: 'The room’s id.' }).validate(idOf('Chat')),
      replyToId: t.id({ required: true, description: 'The id of a person’s message in it.' }).validate(idOf('Message')),
      clientId: t.field({ type: 'UUID', required: true, description: 'The same id again gives the first result.' }),
    }),
  },
  {
    description:
      'Begins an answer that a service agent streams by `appendToAnswer`: it takes its place in the room at once, and waits in no queue. One at a time in each room. It is INTERRUPTED where nothing comes for a minute.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError, ConflictError, RunInProgressError] },
    resolve: async (_root, { input }, context) => ({ runId: await beginAnswer(viewerIn(context), input) }),
  },
  {
    description: 'It has begun.',
    outputFields: (t) => ({
      run: changedRun(t),
      message: t.prismaField({
        type: Message,
        nullable: true,
        description: 'The answer, still without words; null as `run` is.',
        resolve: (query, { runId }, _args, context) =>
          db.message.findFirst({
            ...query,
            where: { ...messageVisibleTo(viewerIn(context)), run: { id: runId } },
          }),
      }),
    }),
  },
);

builder.relayMutationField(
  'appendToAnswer',
  {
    description: 'More words.',
    inputFields: (t) => ({
      runId: t.id({ required: true, description: 'The run that `beginAnswer` gave.' }).validate(idOf('Run')),
      from: t.int({
        required: true,
        validate: answerOffset,
        description: 'How many UTF-16 code units come before these, over all parts.',
      }),
      kind: t.field({
        type: PartKind,
        required: true,
        description: 'What they are. Another kind than that of the words before begins another part.',
      }),
      text: t.string({
        required: true,
        validate: answerText,
        description: 'At most 16,000 characters. Empty: the answer goes on, and words will come.',
      }),
    }),
  },
  {
    description:
      'Adds words to an answer; its readers see them at once. Idempotent by `from`: text that is stored already is ignored, so that a request whose answer was lost is sent again, to whichever node. Where other text is stored there, it is a `ForbiddenError` with the code TEXT_DIFFERS. Words that do not follow what is known are an `OffsetError`. A whole answer has at most 400,000 characters.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError, OffsetError] },
    resolve: async (_root, { input }, context) => ({
      runId: input.runId,
      length: await appendToAnswer(viewerIn(context), input),
    }),
  },
  {
    description: 'They are stored.',
    outputFields: (t) => ({
      length: t.exposeInt('length', {
        description: 'How many UTF-16 code units of the answer are known: the next `from`.',
      }),
      run: changedRun(t),
    }),
  },
);

const AnswerStatus = builder.enumType('AnswerStatus', {
  description: 'How a service agent ends an answer.',
  values: {
    COMPLETED: { description: 'All is said.' },
    STOPPED: { description: 'It is not to go on. What was said stays.' },
    FAILED: { description: 'The service agent could not go on. What was said stays; no model is sent it.' },
  } satisfies Record<AnswerEnd['status'], object>,
});

const UsageInput = builder.inputType('UsageInput', {
  description: 'What an answer took, in tokens, as far as its service agent knows.',
  fields: (t) => ({
    inputTokens: t.int({ defaultValue: 0, validate: tokenCount, description: 'Read, not counting the cache.' }),
    outputTokens: t.int({ defaultValue: 0, validate: tokenCount, description: 'Written, thinking included.' }),
    cacheReadTokens: t.int({ defaultValue: 0, validate: tokenCount, description: 'Read from the provider’s cache.' }),
    cacheWriteTokens: t.int({ defaultValue: 0, validate: tokenCount, description: 'Written to that cache.' }),
  }),
});

builder.relayMutationField(
  'endAnswer',
  {
    description: 'How it ends.',
    inputFields: (t) => ({
      runId: t.id({ required: true, description: 'The run that `beginAnswer` gave.' }).validate(idOf('Run')),
      status: t.field({ type: AnswerStatus, defaultValue: 'COMPLETED', description: 'How it ends.' }),
      length: t.int({
        validate: answerOffset,
        description:
          'How many UTF-16 code units the whole answer has: where others are known, it does not end. Left out: as many as are known.',
      }),
      usage: t.field({ type: UsageInput, description: 'What it took; left out: not known.' }),
      model: t.string({ validate: agentModel.nullish(), description: 'The model that wrote it; left out: not told.' }),
    }),
  },
  {
    description:
      'Ends an answer of the viewer’s. One that is over already, since somebody stopped it or nothing came for too long, stays as it is.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError, OffsetError] },
    resolve: async (_root, { input: { runId, status, length, usage, model } }, context) => {
      await endAnswer(viewerIn(context), {
        runId,
        status: status ?? 'COMPLETED',
        length: length ?? undefined,
        model: model ?? undefined,
        usage: usage
          ? {
              inputTokens: usage.inputTokens ?? 0,
              outputTokens: usage.outputTokens ?? 0,
              cacheReadTokens: usage.cacheReadTokens ?? 0,
              cacheWriteTokens: usage.cacheWriteTokens ?? 0,
            }
          : undefined,
      });
      return { runId };
    },
  },
  { description: 'It is over.', outputFields: (t) => ({ run: changedRun(t) }) },
);
