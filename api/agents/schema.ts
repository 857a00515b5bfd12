import { builder, type FieldsOf } from '../graphql-builder/builder.ts';
import type { Viewer } from '../auth/viewer.ts';
import { administratorIn } from '../graphql-builder/context.ts';
import { db } from '../database/db.ts';
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { idOf, noSuchId } from '../ids.ts';
import {
  agentDescription,
  agentHandle,
  agentInstructions,
  agentMaxOutputTokens,
  agentModel,
  agentName,
  agentProvider,
} from '../graphql-builder/limits.ts';
import { providers } from '../providers/providers.ts';
import { findDefaultAgent, isUsable } from './choose.ts';
import { archiveAgent, createAgent, setDefaultAgent, updateAgent } from './manage.ts';

export const ProviderName = builder.enumType('ProviderName', {
  description: 'Whose models answer.',
  values: {
    ANTHROPIC: { description: 'Anthropic’s Messages API, or a server that speaks it.' },
    OPENAI: { description: 'OpenAI’s Chat Completions, or a server that speaks it: Ollama, vLLM, llama.cpp.' },
    ECHO: { description: 'No model: repeats the message. Needs no key and no network.' },
    EXTERNAL: { description: 'A service agent, which writes its answers itself. Of runs alone: no agent has it.' },
  },
});

const Effort = builder.enumType('Effort', {
  description: 'How much thought an answer may take, where the model knows the difference.',
  values: {
    LOW: { description: 'Quick and cheap.' },
    MEDIUM: { description: 'In between.' },
    HIGH: { description: 'Thorough.' },
  },
});

const ModelSource = builder.enumType('ModelSource', {
  description: 'Where the name of the model comes from that an agent asks.',
  values: {
    AGENT: { description: 'It was chosen for the agent.' },
    SETTINGS: { description: 'It is the one in the server’s settings, or the one that is usual there.' },
    SERVER_LIST: {
      description: 'It is the first chat model that the model server lists; while that cannot be asked, `default`.',
    },
  },
});

export const Agent = builder.prismaNode('Agent', {
  description: 'Who answers: a model behind a name, with instructions of its own. Seen by everybody who is signed in.',
  authScopes: { signedIn: true },
  nullable: true,
  id: { field: 'id', description: 'The agent’s id.' },
  findUnique: (id, { viewer }) => ({
    id: viewer ? id : noSuchId,
    ...(viewer?.role !== 'ADMIN' && { archivedAt: null }),
  }),
  fields: (t) => ({
    handle: t.exposeString('handle', { description: 'Its short name, unique: small letters, digits, hyphens.' }),
    name: t.exposeString('name', { description: 'Its name for people.' }),
    description: t.exposeString('description', { description: 'What it is good for. May be empty.' }),
    provider: t.expose('provider', { type: ProviderName, description: 'Whose model it asks.' }),
    model: t.exposeString('model', {
      nullable: true,
      description: 'The model it was given; null: whatever model the server is set to use.',
    }),
    effectiveModel: t.string({
      description: 'The model that would answer now.',
      resolve: ({ model, provider }) => model ?? providers[provider].defaultModel(),
    }),
    modelSource: t.field({
      type: ModelSource,
      nullable: true,
      description: 'Where the name of the effective model comes from. Null for everybody but administrators.',
      resolve: ({ model, provider }, _args, { viewer }) => {
        if (viewer?.role !== 'ADMIN') return null;
        return model === null ? providers[provider].defaultModelSource() : 'AGENT';
      },
    }),
    contextWindow: t.int({
      nullable: true,
      description:
        'How many tokens the effective model holds, instructions, history and answer together, as far as is known. Null for everybody but administrators.',
      resolve: ({ model, provider }, _args, { viewer }) => {
        if (viewer?.role !== 'ADMIN') return null;
        return providers[provider].contextWindow(model ?? providers[provider].defaultModel());
      },
    }),
    instructions: t.exposeString('instructions', {
      nullable: true,
      description: 'What it is told after the primary context. Null for everybody but administrators.',
      authScopes: (_agent, _args, { viewer }) => viewer?.role === 'ADMIN',
      unauthorizedResolver: () => null,
    }),
    maxOutputTokens: t.exposeInt('maxOutputTokens', {
      description: 'How long an answer may get, in tokens, thinking included.',
    }),
    effort: t.expose('effort', { type: Effort, nullable: true, description: 'Null: as the model does by itself.' }),
    isDefault: t.boolean({
      description: 'Does it answer where no agent is chosen?',
      resolve: async ({ id }) => (await findDefaultAgent())?.id === id,
    }),
    isAvailable: t.boolean({
      description: 'Can it answer now: not archived, and its provider set up?',
      resolve: isUsable,
    }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was archived; null: it was not.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
});

builder.queryField('agents', (t) =>
  t.prismaField({
    type: [Agent],
    description: 'All agents that are not archived, the oldest first; to administrators the archived ones too.',
    authScopes: { signedIn: true },
    complexity: { field: 1, multiplier: 20 },
    resolve: (query, _root, _args, { viewer }) => db.agent.findMany({ ...query, ...agentsSeenBy(viewer) }),
  }),
);

/** Which agents a person sees, in their order. */
export function agentsSeenBy(viewer: Viewer | null) {
  return {
    where: viewer?.role === 'ADMIN' ? {} : { archivedAt: null },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  } satisfies Prisma.AgentFindManyArgs;
}

function changedAgent(t: FieldsOf<{ agentId: string }>) {
  return {
    agent: t.prismaField({
      type: Agent,
      description: 'The agent, as it is now.',
      resolve: (query, { agentId }) => db.agent.findUniqueOrThrow({ ...query, where: { id: agentId } }),
    }),
  };
}

builder.relayMutationField(
  'createAgent',
  {
    description: 'A new agent.',
    inputFields: (t) => ({
      handle: t.string({
        required: true,
        validate: agentHandle,
        description: 'Its short name: 2 to 32 small letters, digits and hyphens.',
      }),
      name: t
        .string({ required: true, description: 'Its name for people, at most 100 characters.' })
        .validate(agentName),
      provider: t.field({
        type: ProviderName,
        required: true,
        validate: agentProvider,
        description: 'Whose model it asks; EXTERNAL is refused.',
      }),
      description: t.string({
        validate: agentDescription,
        description: 'What it is good for, at most 500 characters.',
      }),
      model: t
        .string({ description: 'The model’s name; left out: what the server is set to use.' })
        .validate(agentModel.nullish()),
      instructions: t.string({
        validate: agentInstructions,
        description: 'What it is told after the primary context, at most 50,000 characters.',
      }),
      maxOutputTokens: t.int({ validate: agentMaxOutputTokens, description: '1 to 128,000; left out: 16,000.' }),
      effort: t.field({ type: Effort, description: 'Left out: as the model does by itself.' }),
      clientId: t.field({ type: 'UUID', description: 'The same id again gives the same agent.' }),
    }),
  },
  {
    description: 'Makes an agent. For administrators; to others it is not there.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, InvalidInputError, ConflictError] },
    resolve: async (_root, { input }, context) => {
      const viewer = administratorIn(context);
      const { description, instructions, maxOutputTokens, ...rest } = input;
      const agent = await createAgent(viewer, {
        ...rest,
        ...(description != null && { description }),
        ...(instructions != null && { instructions }),
        ...(maxOutputTokens != null && { maxOutputTokens }),
        model: rest.model ?? null,
        effort: rest.effort ?? null,
        clientId: rest.clientId ?? null,
      });
      return { agentId: agent.id };
    },
  },
  { description: 'The agent was made.', outputFields: changedAgent },
);

builder.relayMutationField(
  'updateAgent',
  {
    description: 'What of the agent is to change; what is left out stays.',
    inputFields: (t) => ({
      id: t.id({ required: true, description: 'The agent’s id.' }).validate(idOf('Agent')),
      handle: t.string({ validate: agentHandle, description: 'Its short name; null changes nothing.' }),
      name: t.string({ description: 'Its name for people; null changes nothing.' }).validate(agentName.nullish()),
      provider: t.field({
        type: ProviderName,
        validate: agentProvider.nullish(),
        description: 'Whose model it asks; null changes nothing, EXTERNAL is refused.',
      }),
      description: t.string({ validate: agentDescription, description: 'What it is good for; null changes nothing.' }),
      model: t
        .string({ description: 'The model’s name; null: what the server is set to use.' })
        .validate(agentModel.nullish()),
      instructions: t.string({
        validate: agentInstructions,
        description: 'What it is told after the primary context; null changes nothing.',
      }),
      maxOutputTokens: t.int({ validate: agentMaxOutputTokens, description: '1 to 128,000; null changes nothing.' }),
      effort: t.field({ type: Effort, description: 'Null: as the model does by itself.' }),
    }),
  },
  {
    description: 'Changes an agent, from its next answer on. For administrators; to others it is not there.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, InvalidInputError] },
    resolve: async (_root, { input: { id, model, effort, ...rest } }, context) => {
      const viewer = administratorIn(context);
      const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value != null));
      await updateAgent(viewer, id, {
        ...given,
        ...(model !== undefined && { model }),
        ...(effort !== undefined && { effort }),
      });
      return { agentId: id };
    },
  },
  { description: 'The agent was changed.', outputFields: changedAgent },
);

agentMutation('archiveAgent', archiveAgent, 'Takes an agent out of the choice; its answers stay.');
agentMutation('setDefaultAgent', setDefaultAgent, 'Makes an agent the one that answers where none is chosen.');

/** A mutation that takes an agent's id and gives the agent. */
function agentMutation(
  name: string,
  verb: (viewer: Viewer, id: string) => Promise<unknown>,
  description: string,
): void {
  builder.relayMutationField(
    name,
    {
      description: 'Which agent.',
      inputFields: (t) => ({ id: t.id({ required: true, description: 'The agent’s id.' }).validate(idOf('Agent')) }),
    },
    {
      description: `${description} For administrators; to others it is not there.`,
      authScopes: { signedIn: true },
      errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
      resolve: async (_root, { input: { id } }, context) => {
        await verb(administratorIn(context), id);
        return { agentId: id };
      },
    },
    { description: 'It was done.', outputFields: changedAgent },
  );
}
