import { Agent } from '../agents/schema.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { builder } from '../graphql-builder/builder.ts';
import { administratorIn, viewerIn } from '../graphql-builder/context.ts';
import { changeRequestId, tablesAtOnce } from '../graphql-builder/limits.ts';
import { rowId } from '../ids.ts';
import { pageRequest } from '../paging/pages.ts';
import { loadPeople } from '../people/load.ts';
import { Person } from '../people/schema.ts';
import { type ActorKind, actorOfId, type ChangeActor, findAgent, idOfActor, isRowOf, parseActor } from './actor.ts';
import type { Change, ChangedField, ChangeOperation } from './change.ts';
import type { ChangeFilter } from './find.ts';
import { listChanges } from './list.ts';
import { mayAudit } from './may-audit.ts';
import { type ChangelogState, directorySize, readChangelog, askForBase } from './state.ts';
import { type ChangeBatch, readChanges } from './stream.ts';

const ActorKindType = builder.enumType('ChangeActorKind', {
  description: 'Who can write.',
  values: {
    USER: { description: 'A person.' },
    AGENT: { description: 'An agent, at the end of a run.' },
    SERVER: { description: 'The server by itself.' },
    MIGRATION: { description: 'A migration of the database.' },
    DATABASE: { description: 'Whoever is connected to the database itself, as by `psql`.' },
  } satisfies Record<ActorKind, object>,
});

const OperationType = builder.enumType('ChangeOperation', {
  description: 'What was done with a row.',
  values: {
    INSERT: { description: 'It is new.' },
    UPDATE: { description: 'It has other values.' },
    DELETE: { description: 'It is gone.' },
    MIGRATION: { description: 'No row: a migration was applied, which `fields` names.' },
  } satisfies Record<ChangeOperation, object>,
});

const ChangeActorRef = builder.objectRef<ChangeActor>('ChangeActor').implement({
  description: 'Who wrote.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ActorKindType, description: 'What they are.' }),
    subject: t.string({
      description:
        'The id of the person or agent, also of one who is gone, as `ChangeFilter.actorId` takes it; else for what the server wrote, the migration’s name, or the role of the database.',
      resolve: (actor) => idOfActor(actor) ?? actor.subject,
    }),
    person: t.prismaField({
      type: Person,
      nullable: true,
      description: 'The person; null: it is none, or they are gone.',
      resolve: async (query, actor) =>
        isRowOf(actor, 'USER') ? ((await loadPeople(query, [actor.subject]))[0] ?? null) : null,
    }),
    agent: t.field({
      type: Agent,
      nullable: true,
      description: 'The agent; null: it is none, or it is gone.',
      resolve: (actor) => (isRowOf(actor, 'AGENT') ? findAgent(actor.subject) : null),
    }),
  }),
});

const ChangedFieldRef = builder.objectRef<ChangedField>('ChangedField').implement({
  description: 'A column, before and after.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The column’s name.' }),
    isMasked: t.exposeBoolean('isMasked', {
      description:
        'Whether it holds words of people or models, of which only `{"length":12,"hash":"…"}` is told: characters, and a keyed hash. The same words in the same row have the same hash.',
    }),
    before: t.exposeString('before', { nullable: true, description: 'As JSON. Null: there was no row.' }),
    after: t.exposeString('after', { nullable: true, description: 'As JSON. Null: there is no row any more.' }),
  }),
});

const ChangeRef = builder.objectRef<Change>('Change').implement({
  description: 'One row that was written, as the change log has it.',
  fields: (t) => ({
    commit: t.field({
      type: 'SafeInt',
      description: 'The number of its transaction: from 1, without gaps, in the order in which they are replayed.',
      resolve: ({ commit }) => commit.number,
    }),
    seq: t.expose('seq', {
      type: 'SafeInt',
      description: 'Grows within a transaction, with gaps; no two changes have the same.',
    }),
    at: t.field({
      type: 'DateTime',
      description: 'When its transaction began.',
      resolve: ({ commit }) => commit.began,
    }),
    actor: t.field({
      type: ChangeActorRef,
      description: 'Who wrote it.',
      resolve: ({ commit }) => parseActor(commit.actor),
    }),
    requestId: t.string({
      nullable: true,
      description: 'The `x-request-id` of the request that wrote it, as in the server’s log; null: there was none.',
      resolve: ({ commit }) => commit.requestId,
    }),
    table: t.exposeString('table', { description: 'The table, as the database names it.' }),
    operation: t.expose('operation', { type: OperationType, description: 'What was done.' }),
    rowId: t.exposeString('rowId', {
      nullable: true,
      description:
        'The primary key as it was before, as the database has it; of several columns, with a space between. Null where the row was erased.',
    }),
    isErased: t.exposeBoolean('isErased', {
      description: 'Whether the values were erased from the log, since a person was to be forgotten.',
    }),
    fields: t.expose('fields', {
      type: [ChangedFieldRef],
      complexity: { field: 1, multiplier: 5 },
      description:
        'Of an UPDATE what has changed, else all columns, by name; none where the row was erased. Hashes of passwords and tokens are never among them.',
    }),
  }),
});

const ChangeFilterInput = builder.inputType('ChangeFilter', {
  description: 'Which changes are meant: those that all of it is true of.',
  fields: (t) => ({
    tables: t.stringList({ validate: tablesAtOnce, description: 'Written to one of these tables. At most 50.' }),
    operations: t.field({ type: [OperationType], description: 'One of these was done.' }),
    actorId: t.id({ description: 'Written by this person or agent, who may be gone.' }),
    chatId: t.id({ description: 'In a transaction that wrote to this chat, which may be gone.' }),
    since: t.field({ type: 'DateTime', description: 'In a transaction that began then or later.' }),
    until: t.field({
      type: 'DateTime',
      description: 'In a transaction that began before. One that was open for more than an hour may be missing.',
    }),
    requestId: t.string({ validate: changeRequestId, description: 'For this request. At most 200 characters.' }),
  }),
});

builder.queryField('changes', (t) =>
  t.connection(
    {
      type: ChangeRef,
      nullable: true,
      description:
        'What was written to the database, the oldest first: `last` gives the newest. As far back as the database keeps it; all of it is in the files of the change log. A filter that is met rarely may give a page with few changes or none before the end: go on while `pageInfo` says that there is more. For administrators; null for others.',
      authScopes: { signedIn: true },
      complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? 25 }),
      args: { filter: t.arg({ type: ChangeFilterInput, description: 'Left out: all.' }) },
      resolve: (_root, { filter, ...page }, context) => {
        if (!mayAudit(viewerIn(context))) return null;
        return listChanges(filterOf(filter ?? {}), pageRequest(page), context.answer);
      },
    },
    { name: 'ChangeConnection', description: 'A page of changes.' },
    { name: 'ChangeEdge', description: 'A change and its place in the list.' },
  ),
);

type FilterInput = typeof ChangeFilterInput.$inferInput;

/** Another type's id matches nothing. */
function filterOf({ tables, operations, actorId, chatId, since, until, requestId }: FilterInput): ChangeFilter {
  return {
    tables: tables ?? undefined,
    operations: operations ?? undefined,
    actor: actorId == null ? undefined : (actorOfId(actorId) ?? ''),
    chatId: chatId == null ? undefined : rowId('Chat', chatId),
    since: since ? storable(since) : undefined,
    until: until ? storable(until) : undefined,
    requestId: requestId ?? undefined,
  };
}

/** The database knows no year 0. */
function storable(time: Date): Date {
  return time.getTime() < 0 ? new Date(0) : time;
}

const ChangeBatchRef = builder.objectRef<ChangeBatch>('ChangeBatch').implement({
  description: 'The next changes, in their order. A transaction of more than 200 rows comes in several of these.',
  fields: (t) => ({
    commit: t.expose('commit', {
      type: 'SafeInt',
      description:
        'All up to this transaction has been told: give it as `after` to go on. Of a transaction that is told in part, it is the one before.',
    }),
    changes: t.expose('changes', {
      type: [ChangeRef],
      complexity: { field: 1, multiplier: 25 },
      description: 'The changes. None in the first event, where nothing is new.',
    }),
  }),
});

builder.subscriptionField('changes', (t) =>
  t.field({
    type: ChangeBatchRef,
    description:
      'All that is written from a transaction on, each change once and in order, without a gap; for collectors. The first event comes at once. After a broken connection, subscribe again from the `commit` that was told last. Where the database has those changes no longer, the stream ends with the code CHANGES_GONE. For administrators; to others it is not there.',
    authScopes: { signedIn: true },
    args: {
      after: t.arg({
        type: 'SafeInt',
        description:
          'All up to this transaction is there already; 0: nothing is. Left out: only what is written from now on.',
      }),
    },
    subscribe: (_root, { after }, context) => readChanges(viewerIn(context), after ?? null, context.request.signal),
    resolve: (batch) => batch,
  }),
);

const ChangelogRef = builder.objectRef<ChangelogState>('Changelog').implement({
  description: 'The change log: files of SQL from which the database can be rebuilt.',
  fields: (t) => ({
    isOn: t.exposeBoolean('isOn', { description: 'Whether what is written is captured (`CHANGELOG`).' }),
    problem: t.exposeString('problem', {
      nullable: true,
      description: 'Why nothing is written to the files at present, and what to do; null: nothing is wrong.',
    }),
    commit: t.expose('commit', {
      type: 'SafeInt',
      nullable: true,
      description: 'The last transaction that is in the files; null: none yet.',
    }),
    tables: t.exposeStringList('tables', {
      description: 'The tables that it captures, and `migration`, which stands for the migrations.',
    }),
    lagCommits: t.exposeInt('lagCommits', {
      description: 'How many transactions wait to be written to the files. Of many, those of the first 10,000 rows.',
    }),
    lagSeconds: t.exposeFloat('lagSeconds', { description: 'For how many seconds the oldest of them waits.' }),
    bytes: t.field({
      type: 'SafeInt',
      nullable: true,
      description:
        'The size of the files, on the node that answers: others may have some of their own. Null where they cannot be read.',
      resolve: () => directorySize(),
    }),
    baseAt: t.expose('baseAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the newest base was written, from which a replay begins; null: none yet.',
    }),
    baseWantedAt: t.expose('baseWantedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a new base was asked for that is not written yet; null: none is.',
    }),
    verifiedAt: t.expose('verifiedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the files were last verified; null: never.',
    }),
    verifyProblem: t.exposeString('verifyProblem', {
      nullable: true,
      description: 'What was wrong with the files then; null: nothing.',
    }),
  }),
});

builder.queryField('changelog', (t) =>
  t.field({
    type: ChangelogRef,
    nullable: true,
    description: 'How far the files of the change log are. For administrators; null for others.',
    authScopes: { signedIn: true },
    resolve: (_root, _args, context) => (mayAudit(viewerIn(context)) ? readChangelog() : null),
  }),
);

builder.relayMutationField(
  'writeChangelogBase',
  {
    description: 'Nothing has to be said.',
    inputFields: (t) => ({
      clientId: t.field({
        type: 'UUID',
        description: 'May be left out: what is asked for twice before it is written is written once, whatever the id.',
      }),
    }),
  },
  {
    description:
      'Has the state of the database written to a new file of the change log, from which a replay can begin; files before it are removed. It is done soon, by whichever node writes the files. For administrators; to others it is not there.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: async (_root, _args, context) => {
      await askForBase(administratorIn(context));
      return {};
    },
  },
  {
    description: 'It was asked for.',
    outputFields: (t) => ({
      changelog: t.field({ type: ChangelogRef, description: 'As it is now.', resolve: () => readChangelog() }),
    }),
  },
);
