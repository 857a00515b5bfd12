import { GraphQLError } from 'graphql';

import { ProviderName } from '../agents/schema.ts';
import { builder, type FieldsOf } from '../graphql-builder/builder.ts';
import { Chat } from '../chats/schema.ts';
import { inVisibleChat } from '../chats/visible.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import { DEFAULT_PRIMARY_CONTEXT } from '../contexts/assemble.ts';
import { contextsVisibleTo } from '../contexts/files.ts';
import { ContextType } from '../contexts/schema.ts';
import { versionTexts } from '../contexts/load-texts.ts';
import { db } from '../database/db.ts';
import { InvalidInputError, NotFoundError } from '../errors.ts';
import type { PlainEvents } from '../graphql/responses/subscription.ts';
import { idOf, nobody, rowId } from '../ids.ts';
import { Message, PartKind } from '../messages/schema.ts';
import type { TokenUsage } from '../providers/provider.ts';
import { providers } from '../providers/providers.ts';
import { readRunEvents, type RunEvent } from '../run-events/read.ts';
import { failureOf, parseFailure, type RunFailure, type RunFailureCode, runFailureCodes } from './failure.ts';
import type { SentContext } from '../runner/gather.ts';
import { unended } from '../runner/settle.ts';
import { stopRun } from '../runner/stop.ts';
import type { Slice } from '../texts/text.ts';

const RunStatus = builder.enumType('RunStatus', {
  description: 'How far a run has come.',
  values: {
    QUEUED: { description: 'Waits for its turn.' },
    RUNNING: { description: 'The model is asked, or speaks.' },
    COMPLETED: { description: 'The model came to an end; `stopReason` says to which.' },
    STOPPED: { description: 'A person stopped it. What was said stays, and later models see it.' },
    FAILED: {
      description: 'The model’s provider failed. What was said stays; no model is sent it, unless it is continued.',
    },
    INTERRUPTED: {
      description:
        'The server stopped. What was said until a second before stays; no model is sent it, unless it is continued.',
    },
  },
});

const StopReason = builder.enumType('StopReason', {
  description: 'Why the model stopped speaking.',
  values: {
    END_TURN: { description: 'It had said all.' },
    MAX_TOKENS: { description: 'Cut: the agent’s limit for an answer was reached.' },
    CONTEXT_WINDOW: { description: 'Cut: the model can hold no more.' },
    STOP_SEQUENCE: { description: 'It said words that were to end it.' },
    REFUSAL: { description: 'It would not answer. There may be no words at all.' },
    OTHER: { description: 'A reason that this version of Confab does not know.' },
  },
});

const FailureCode = builder.enumType('RunFailureCode', {
  description: 'What went wrong in a run.',
  values: Object.fromEntries(runFailureCodes.map((code) => [code, { description: failureMeanings()[code] }])) as Record<
    RunFailureCode,
    { description: string }
  >,
});

function failureMeanings(): Record<RunFailureCode, string> {
  return {
    UPSTREAM_CUT: 'The provider’s stream broke off before its end.',
    UPSTREAM_SILENT: 'The provider sent nothing for too long.',
    UPSTREAM_MALFORMED: 'The provider sent what cannot be read.',
    UPSTREAM_UNREACHABLE: 'There was no connection to the provider.',
    UPSTREAM_ERROR: 'The provider reported a fault of its own.',
    OVERLOADED: 'The provider reported that it is overloaded.',
    RATE_LIMITED: 'The provider’s limit for this key is reached.',
    PROVIDER_AUTH: 'The provider refused the key: an administrator has to mend a setting.',
    INVALID_REQUEST: 'The provider refused the request: an administrator has to mend the agent.',
    INTERRUPTED: 'The server stopped during the run.',
    INTERNAL: 'A fault of the server’s own.',
  };
}

const Failure = builder.objectRef<RunFailure>('RunFailure').implement({
  description: 'Why a run has no whole answer.',
  fields: (t) => ({
    code: t.expose('code', { type: FailureCode, description: 'For programs.' }),
    reason: t.exposeString('reason', { description: 'For people, in English.' }),
    retryable: t.exposeBoolean('retryable', { description: 'May another try help without anybody mending something?' }),
  }),
});

const Usage = builder.objectRef<TokenUsage>('Usage').implement({
  description: 'What a run took, in the provider’s tokens.',
  fields: (t) => ({
    inputTokens: t.exposeInt('inputTokens', { description: 'Read, but for those in the next two.' }),
    outputTokens: t.exposeInt('outputTokens', { description: 'Written, thinking included.' }),
    cacheReadTokens: t.exposeInt('cacheReadTokens', { description: 'Read from the provider’s cache.' }),
    cacheWriteTokens: t.exposeInt('cacheWriteTokens', { description: 'Read, and put into the provider’s cache.' }),
  }),
});

const RunContext = builder.objectRef<SentContext>('RunContext').implement({
  description: 'A context that the model was told.',
  fields: (t) => ({
    type: t.expose('type', { type: ContextType, description: 'Whose it is.' }),
    version: t.exposeInt('version', { description: 'Which version was told; 0 of the primary one: the default.' }),
    content: t.string({
      nullable: true,
      description: 'Its wording then; null where the viewer may not read that context.',
      resolve: async ({ type, contextFileId, version }, _args, context) => {
        const file = await db.contextFile.findFirst({
          where: { ...contextsVisibleTo(viewerIn(context)), id: contextFileId },
          select: { versions: { where: { version }, select: { id: true } } },
        });
        if (!file) return null;
        const [told] = file.versions;
        const content = told && (await versionTexts(context.answer).get(told.id, 'content'));
        return (content ?? '') || (type === 'PRIMARY' ? DEFAULT_PRIMARY_CONTEXT : '');
      },
    }),
  }),
});

export const Run = builder.prismaNode('Run', {
  description: 'One generation of an answer, and all that the model saw. Seen by the members of its chat.',
  authScopes: { signedIn: true },
  nullable: true,
  id: { field: 'id', description: 'The run’s id: `runEvents` takes it.' },
  findUnique: (id, { viewer }) => ({ ...inVisibleChat(viewer ?? { id: nobody }), id }),
  fields: (t) => ({
    status: t.expose('status', { type: RunStatus, description: 'How far it has come.' }),
    stopReason: t.expose('stopReason', {
      type: StopReason,
      nullable: true,
      description: 'Why the model stopped speaking; null unless COMPLETED.',
    }),
    failure: t.field({
      type: Failure,
      nullable: true,
      description: 'What went wrong; null unless FAILED or INTERRUPTED.',
      select: { error: true },
      resolve: ({ error }) => parseFailure(error),
    }),
    agent: t.relation('agent', { description: 'Who answers.' }),
    provider: t.expose('provider', { type: ProviderName, description: 'Whose model was asked.' }),
    model: t.exposeString('model', { description: 'The model that was asked.' }),
    trigger: t.relation('trigger', { description: 'The message that is answered.' }),
    message: t.relation('message', { description: 'The answer.' }),
    initiator: t.relation('initiator', {
      nullable: true,
      description: 'Who asked for it; null: somebody who is gone.',
    }),
    usage: t.field({
      type: Usage,
      nullable: true,
      description:
        'What it took; null while that is not known. While it goes on, what the provider has said of it so far.',
      select: { inputTokens: true, outputTokens: true, cacheReadTokens: true, cacheWriteTokens: true },
      resolve: ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }) =>
        inputTokens === null && outputTokens === null
          ? null
          : {
              inputTokens: inputTokens ?? 0,
              outputTokens: outputTokens ?? 0,
              cacheReadTokens: cacheReadTokens ?? 0,
              cacheWriteTokens: cacheWriteTokens ?? 0,
            },
    }),
    contexts: t.field({
      type: [RunContext],
      description: 'The contexts that the model was told, in their order. Empty until it was asked.',
      select: { contextVersions: true },
      resolve: ({ contextVersions }) => contextVersions as unknown as SentContext[],
    }),
    history: t.prismaField({
      type: [Message],
      description: 'The messages that the model was sent, the oldest first. Empty until it was asked.',
      complexity: { field: 1, multiplier: 50 },
      select: { historyIds: true },
      resolve: (query, { historyIds }) =>
        db.message.findMany({ ...query, where: { id: { in: historyIds } }, orderBy: { seq: 'asc' } }),
    }),
    omittedMessageCount: t.exposeInt('omittedCount', {
      description: 'How many messages before those did not fit the model’s window and were left out.',
    }),
    contextWindow: t.int({
      nullable: true,
      description: 'How many tokens the model can hold, answer included.',
      select: { provider: true, model: true },
      resolve: ({ provider, model }) => providers[provider].contextWindow(model),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true, description: 'When it was begun.' }),
    firstTokenAt: t.expose('firstTokenAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the first words came.',
    }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it was over and stored.' }),
  }),
});

builder.prismaObjectField(Chat, 'activeRuns', (t) =>
  t.relation('runs', {
    type: Run,
    description: 'The runs that are waiting or going on.',
    query: { where: { status: { in: unended } }, orderBy: { revision: 'asc' } },
  }),
);

builder.prismaObjectFields(Chat, (t) => ({
  isAnswering: t.boolean({
    description: 'Whether a run in it is waiting or going on.',
    select: { _count: { select: { runs: { where: { status: { in: unended } } } } } },
    resolve: ({ _count }) => _count.runs > 0,
  }),
}));

builder.relayMutationField(
  'stopRun',
  {
    description: 'Which run.',
    inputFields: (t) => ({ id: t.id({ required: true, description: 'The run’s id.' }).validate(idOf('Run')) }),
  },
  {
    description: 'Stops a run, also before its first word. What was said stays. A run that is over stays as it is.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, InvalidInputError] },
    resolve: async (_root, { input: { id } }, context) => {
      await stopRun(viewerIn(context), id);
      return { runId: id };
    },
  },
  {
    description:
      'It is over, as a rule. Where its node does not answer within five seconds, it may still go on: its end is then told as every end is.',
    outputFields: (t) => ({
      run: t.prismaField({
        type: Run,
        description: 'The run, as it is now.',
        resolve: (query, { runId }) => db.run.findUniqueOrThrow({ ...query, where: { id: runId } }),
      }),
    }),
  },
);

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

const MessageStart = runEventType('MessageStart', 'The run is there; words follow, as soon as there are any.');
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
  return parseFailure(error) ?? failureOf('INTERNAL');
}

const RunEventUnion = builder.unionType('RunEvent', {
  description:
    'What a subscriber is told of a run, in this order: MessageStart, ContentDelta as often as it takes, and MessageEnd or RunError.',
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
