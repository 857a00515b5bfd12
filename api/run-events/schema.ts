import { GraphQLError } from 'graphql';

import { db } from '../database/db.ts';
import { builder, type FieldsOf } from '../graphql-builder/builder.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import type { PlainEvents } from '../graphql-builder/plain-events.ts';
import { rowId } from '../ids.ts';
import { Message } from '../messages/schema.ts';
import { runFailure, parseFailure, type RunFailure } from '../runs/failure.ts';
import { FailureCode, PartKind, Run } from '../runs/schema.ts';
import type { Slice } from '../texts/text.ts';
import { readRunEvents, type RunEvent } from './read.ts';

export const ContentDelta = builder.objectRef<Slice>('ContentDelta').implement({
  description:
    'More words. Offsets count UTF-16 code units over all parts of the answer, and never fall inside a surrogate pair.',
  fields: (t) => ({
    from: t.exposeInt('from', {
      description:
        'Where these words begin: the `to` of the delta before. Trim if you have more; subscribe again from what you have if less.',
    }),
    to: t.exposeInt('to', { description: 'Where they end.' }),
    part: t.exposeInt('part', { description: 'Which part of the answer they belong to, from 0.' }),
    kind: t.expose('kind', { type: PartKind, description: 'What that part is.' }),
    text: t.exposeString('text', { description: 'The words.' }),
  }),
});

const MessageStart = runEventType('MessageStart', 'The run has begun; words follow, as soon as there are any.');
const MessageEnd = runEventType('MessageEnd', 'The run is COMPLETED or STOPPED, and stored. The last event.');
const RunErrorRef = builder.objectRef<Extract<RunEvent, { type: 'RunError' }>>('RunError').implement({
  description: 'The run is FAILED or INTERRUPTED, and stored with the words that had come. The last event.',
  fields: (t) => ({
    ...runAndMessage(t),
    code: t.field({
      type: FailureCode,
      description: 'What went wrong, for programs.',
      resolve: async ({ runId }) => (await failureOfRun(runId)).code,
    }),
    reason: t.string({
      description: 'The same for people, in English.',
      resolve: async ({ runId }) => (await failureOfRun(runId)).reason,
    }),
    retryable: t.boolean({
      description: 'May another try help without anybody mending something?',
      resolve: async ({ runId }) => (await failureOfRun(runId)).retryable,
    }),
  }),
});

function runEventType<Name extends 'MessageStart' | 'MessageEnd'>(name: Name, description: string) {
  return builder
    .objectRef<Extract<RunEvent, { type: Name }>>(name)
    .implement({ description, fields: (t) => runAndMessage(t) });
}

function runAndMessage(t: FieldsOf<{ runId: string; messageId: string }>) {
  return {
    run: t.prismaField({
      type: Run,
      description: 'The run, as it is now.',
      resolve: (query, { runId }) => db.run.findUniqueOrThrow({ ...query, where: { id: runId } }),
    }),
    message: t.prismaField({
      type: Message,
      description: 'The answer, as it is stored now: without words until the run is over.',
      resolve: (query, { messageId }) => db.message.findUniqueOrThrow({ ...query, where: { id: messageId } }),
    }),
  };
}

async function failureOfRun(runId: string): Promise<RunFailure> {
  const { error } = await db.run.findUniqueOrThrow({ where: { id: runId }, select: { error: true } });
  return parseFailure(error) ?? runFailure('INTERNAL');
}

const RunEventUnion = builder.unionType('RunEvent', {
  description:
    'What a subscriber is told of a run, in this order: MessageStart, ContentDelta as often as it takes, and MessageEnd or RunError. While a run waits in the queue of a room, nothing is told; if it ends there, the stream ends without an event.',
  types: [MessageStart, ContentDelta, MessageEnd, RunErrorRef],
  resolveType: ({ type }) => type,
});

builder.subscriptionField('runEvents', (t) =>
  t.field({
    type: RunEventUnion,
    description:
      'The words of a run from an offset on, while it goes on and ever after. Every word comes once and in order; after a broken connection, subscribe again from what you have.',
    authScopes: { signedIn: true },
    args: {
      runId: t.arg.id({ required: true, description: 'The run’s id.' }),
      from: t.arg.int({
        defaultValue: 0,
        description:
          'How many UTF-16 code units of the answer, all parts together, are there already. Beyond the end counts as the end.',
      }),
    },
    subscribe: (_root, { runId, from }, context) => {
      if ((from ?? 0) < 0) {
        throw new GraphQLError('`from` is 0 or more.', { extensions: { code: 'BAD_OFFSET', http: { status: 400 } } });
      }
      return readRunEvents(viewerIn(context), rowId('Run', runId), from ?? 0, context.request.signal);
    },
    resolve: (event) => event,
    extensions: {
      plain: (event) =>
        event.type === 'ContentDelta' ? { typename: 'ContentDelta', value: () => event, key: event } : null,
    } satisfies PlainEvents<RunEvent>,
  }),
);
