import { ProviderName } from '../agents/schema.ts';
import { Chat } from '../chats/schema.ts';
import { runVisibleTo } from '../chats/visible.ts';
import { DEFAULT_PRIMARY_CONTEXT } from '../contexts/assemble.ts';
import { contextsVisibleTo, type SentContext } from '../contexts/files.ts';
import { versionTexts } from '../contexts/load-texts.ts';
import { ContextType } from '../contexts/schema.ts';
import { db } from '../database/db.ts';
import { RunInProgressError, RunLimitError } from '../errors.ts';
import { builder, queryOfNodes } from '../graphql-builder/builder.ts';
import { viewerIn } from '../graphql-builder/context.ts';
import { ErrorInterface } from '../graphql-builder/error-types.ts';
import { noSuchId } from '../ids.ts';
import { pageRequest } from '../paging/pages.ts';
import { Person } from '../people/schema.ts';
import type { TokenUsage } from '../providers/provider.ts';
import { providers } from '../providers/providers.ts';
import { parseFailure, type RunFailure, type RunFailureCode, runFailureCodes } from './failure.ts';
import { isCut } from './cut.ts';
import { listRuns } from './list.ts';
import { activeStatuses } from './status.ts';

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

export const FailureCode = builder.enumType('RunFailureCode', {
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

export const PartKind = builder.enumType('PartKind', {
  description: 'What a part of an answer is.',
  values: {
    TEXT: { description: 'What is said, in Markdown.' },
    THINKING: { description: 'What the model thought on the way, as far as it shows it.' },
  },
});

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
  findUnique: (id, { viewer }) => ({ ...runVisibleTo(viewer ?? { id: noSuchId }), id }),
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
    isCut: t.boolean({
      description: 'Whether the answer broke off: where it has words, `continueAnswer` asks for the rest.',
      select: { status: true, stopReason: true },
      resolve: isCut,
    }),
    agent: t.relation('agent', {
      nullable: true,
      description: 'Who answers; null where a service agent does: then it is the author of `message`.',
    }),
    provider: t.expose('provider', { type: ProviderName, description: 'Whose model was asked.' }),
    model: t.exposeString('model', {
      description: 'The model that was asked; of EXTERNAL as the service agent reports it, empty until then.',
    }),
    message: t.relation('message', {
      nullable: true,
      description: 'The answer; null while the run waits in the queue of a room.',
    }),
    initiator: t.relation('initiator', {
      type: Person,
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
      complexity: { field: 1, multiplier: 2 },
      select: { contextVersions: true },
      resolve: ({ contextVersions }) => contextVersions as unknown as SentContext[],
    }),
    omittedMessageCount: t.exposeInt('omittedCount', {
      description: 'How many messages before those did not fit the model’s window and were left out.',
    }),
    contextWindow: t.int({
      nullable: true,
      description: 'How many tokens the model can hold, answer included; null of EXTERNAL.',
      select: { provider: true, model: true },
      resolve: ({ provider, model }) => (provider === 'EXTERNAL' ? null : providers[provider].contextWindow(model)),
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
    description: 'The runs that go on, and those that wait, the next one first.',
    complexity: { field: 1, multiplier: 5 },
    query: (_args, context) => ({
      where: { ...runVisibleTo(viewerIn(context)), status: { in: activeStatuses } },
      // RUNNING comes behind QUEUED in the enum.
      orderBy: [{ status: 'desc' }, { revision: 'asc' }],
    }),
  }),
);

builder.prismaObjectField(Chat, 'runs', (t) =>
  t.connection(
    {
      type: Run,
      description:
        'All runs of the chat, the newest first: what its agents were asked, what they answered, for whom, and what it took. Pages of 1 to 100, usually 25.',
      complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? 25 }),
      select: { id: true },
      resolve: ({ id }, page, context, info) =>
        listRuns(viewerIn(context), id, pageRequest(page), (ids) =>
          db.run.findMany({ ...queryOfNodes(context, info), where: { id: { in: ids } } }),
        ),
    },
    { name: 'RunConnection', description: 'A page of runs.' },
    { name: 'RunEdge', description: 'A run and its place in the list.' },
  ),
);

builder.prismaObjectFields(Chat, (t) => ({
  runQueue: t.relation('runs', {
    type: Run,
    description:
      'Of a room: the runs that wait for their turn, the next one first; at most 20. They have no message yet.',
    complexity: { field: 1, multiplier: 5 },
    query: (_args, context) => ({
      where: { status: 'QUEUED', messageId: null, ...runVisibleTo(viewerIn(context)) },
      orderBy: { revision: 'asc' },
    }),
  }),
  isAnswering: t.boolean({
    description: 'Whether a run in it is waiting or going on.',
    select: { _count: { select: { runs: { where: { status: { in: activeStatuses } } } } } },
    resolve: ({ _count }) => _count.runs > 0,
  }),
}));

builder.objectType(RunInProgressError, {
  name: 'RunInProgressError',
  description: 'An answer is being written in the chat; that has to end first.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    run: t.prismaField({
      type: Run,
      description: 'The run that goes on. `stopRun` ends it.',
      resolve: (query, { runId }) => db.run.findUniqueOrThrow({ ...query, where: { id: runId } }),
    }),
  }),
});

builder.objectType(RunLimitError, {
  name: 'RunLimitError',
  description: 'As many answers are being written as this person may have at once, in all chats together.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ limit: t.exposeInt('limit', { description: 'How many that is.' }) }),
});
