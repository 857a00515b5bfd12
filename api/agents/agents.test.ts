import { beforeAll, describe, expect, test } from 'vitest';

import { graphql } from '../generated/graphql/gql.ts';
import type { CreateAgentInput, InputIssueCode, UpdateAgentInput } from '../generated/graphql/graphql.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { ChatById, CreateAgent, CreateChat, ListAgents, SendMessage, UpdateChat } from '../testing/documents.ts';
import { says } from '../testing/model-server.ts';
import { type Person, person } from '../testing/person.ts';
import { madeUpThings } from '../testing/samples.ts';

const UpdateAgent = graphql(`
  mutation UpdateAgent($input: UpdateAgentInput!) {
    updateAgent(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on InvalidInputError {
        issues {
          path
          code
          reason
          limit
        }
      }
      ... on UpdateAgentPayload {
        agent {
          ...AgentState
        }
      }
    }
  }
`);

const ArchiveAgent = graphql(`
  mutation ArchiveAgent($id: ID!) {
    archiveAgent(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ArchiveAgentPayload {
        agent {
          ...AgentState
        }
      }
    }
  }
`);

const SetDefaultAgent = graphql(`
  mutation SetDefaultAgent($id: ID!) {
    setDefaultAgent(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on SetDefaultAgentPayload {
        agent {
          ...AgentState
        }
      }
    }
  }
`);

useConfab();

let ada: Person;
let ann: Person;

beforeAll(async () => {
  testServer().model.otherwise(says('An answer.'));
  ada = await person('ada');
  ann = await person('ann');
});

describe('an administrator', () => {
  test('makes an agent, and everybody sees it, but for its instructions', async () => {
    const agent = await newAgent({
      name: 'Poet',
      description: 'Rhymes.',
      instructions: 'Rhyme.',
      model: 'claude-poet',
      maxOutputTokens: 500,
      effort: 'LOW',
    });

    expect(agent).toMatchObject({
      name: 'Poet',
      description: 'Rhymes.',
      provider: 'ANTHROPIC',
      model: 'claude-poet',
      effectiveModel: 'claude-poet',
      instructions: 'Rhyme.',
      maxOutputTokens: 500,
      effort: 'LOW',
      isDefault: false,
      isAvailable: true,
      archivedAt: null,
    });
    expect(await agentOf(ada, agent.id)).toEqual(agent);
    expect(await agentOf(ann, agent.id)).toEqual({ ...agent, instructions: null });
  });

  test('may leave most of it out', async () => {
    expect(await newAgent({})).toMatchObject({
      description: '',
      model: null,
      effectiveModel: 'claude-test',
      instructions: '',
      maxOutputTokens: 16_000,
      effort: null,
    });
  });

  test('makes one agent by one request, however often it is sent, also at once', async () => {
    const input: CreateAgentInput = {
      handle: freshHandle(),
      name: 'Once',
      provider: 'ECHO',
      clientId: crypto.randomUUID(),
    };
    const answers = await Promise.all(Array.from({ length: 5 }, () => ada.ask(CreateAgent, { input })));

    expect(answers[0]?.createAgent).toMatchObject({ __typename: 'CreateAgentPayload' });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await ada.ask(CreateAgent, { input })).toEqual(answers[0]);
  });

  test('changes what is named and nothing else; null changes nothing but model and effort', async () => {
    const { id, ...before } = await newAgent({ description: 'd', instructions: 'i', model: 'm', effort: 'HIGH' });
    const update = async (input: Omit<UpdateAgentInput, 'id'>) =>
      (await ada.ask(UpdateAgent, { input: { id, ...input } })).updateAgent;

    expect(await update({})).toMatchObject({ agent: before });
    expect(
      await update({
        name: null,
        handle: null,
        provider: null,
        description: null,
        instructions: null,
        maxOutputTokens: null,
      }),
    ).toMatchObject({ agent: before });
    expect(await update({ name: 'Other' })).toMatchObject({ agent: { ...before, name: 'Other' } });
    expect(await update({ model: null, effort: null })).toMatchObject({
      agent: { ...before, name: 'Other', model: null, effectiveModel: 'claude-test', effort: null },
    });
    expect(await update({ description: '', instructions: '' })).toMatchObject({
      agent: { description: '', instructions: '' },
    });
  });

  test('is refused a handle that is taken', async () => {
    const [one, two] = [await newAgent({}), await newAgent({})];
    const taken = {
      __typename: 'InvalidInputError',
      issues: [
        { path: ['input', 'handle'], code: 'HANDLE_TAKEN', reason: 'Somebody else has this handle, or had it lately.' },
      ],
    };

    expect(
      (await ada.ask(CreateAgent, { input: { handle: one.handle, name: 'x', provider: 'ECHO' } })).createAgent,
    ).toMatchObject(taken);
    expect((await ada.ask(UpdateAgent, { input: { id: two.id, handle: one.handle } })).updateAgent).toMatchObject(
      taken,
    );
    expect((await ada.ask(UpdateAgent, { input: { id: one.id, handle: one.handle } })).updateAgent).toMatchObject({
      __typename: 'UpdateAgentPayload',
    });
    expect(await agentOf(ada, two.id)).toEqual(two);
  });

  test.each<[string, Partial<CreateAgentInput>, InputIssueCode | null]>([
    ['handle', { handle: 'A' }, 'HANDLE_FORM'],
    ['handle', { handle: 'a' }, 'HANDLE_FORM'],
    ['handle', { handle: '9a' }, 'HANDLE_FORM'],
    ['handle', { handle: 'a b' }, 'HANDLE_FORM'],
    ['handle', { handle: 'a'.repeat(33) }, 'HANDLE_FORM'],
    ['handle', { handle: `a${crypto.randomUUID().slice(0, 31).replaceAll('-', '0')}` }, null],
    ['name', { name: '' }, 'EMPTY'],
    ['name', { name: 'two\nlines' }, 'NOT_ONE_LINE'],
    ['name', { name: 'n'.repeat(100) }, null],
    ['name', { name: 'n'.repeat(101) }, 'TOO_LONG'],
    ['description', { description: 'd'.repeat(500) }, null],
    ['description', { description: 'd'.repeat(501) }, 'TOO_LONG'],
    ['model', { model: 'm'.repeat(201) }, 'TOO_LONG'],
    ['model', { model: ' ' }, 'EMPTY'],
    ['instructions', { instructions: 'i'.repeat(50_000) }, null],
    ['instructions', { instructions: 'i'.repeat(50_001) }, 'TOO_LONG'],
    ['instructions', { instructions: '\0' }, 'NOT_STORABLE'],
    ['maxOutputTokens', { maxOutputTokens: 0 }, 'TOO_SMALL'],
    ['maxOutputTokens', { maxOutputTokens: 128_000 }, null],
    ['maxOutputTokens', { maxOutputTokens: 128_001 }, 'TOO_LARGE'],
  ])('meets limits: %s', async (field, wishes, code) => {
    const input: CreateAgentInput = { handle: freshHandle(), name: 'Limited', provider: 'ECHO', ...wishes };
    const { createAgent } = await ada.ask(CreateAgent, { input });

    if (!code) expect(createAgent).toMatchObject({ __typename: 'CreateAgentPayload' });
    else
      expect(createAgent).toMatchObject({
        __typename: 'InvalidInputError',
        issues: [{ path: ['input', field], code }],
      });
  });
});

test('to anybody else the verbs are not there, for agents that exist and that do not', async () => {
  const { id, ...before } = await newAgent({});
  const nothing = { __typename: 'NotFoundError', code: 'NOT_FOUND', reason: 'No such thing.' };

  expect(
    (await ann.ask(CreateAgent, { input: { handle: freshHandle(), name: 'x', provider: 'ECHO' } })).createAgent,
  ).toEqual(nothing);
  for (const which of [id, madeUpThings.agent, 'x']) {
    expect((await ann.ask(UpdateAgent, { input: { id: which, name: 'x' } })).updateAgent).toEqual(nothing);
    expect((await ann.ask(ArchiveAgent, { id: which })).archiveAgent).toEqual(nothing);
    expect((await ann.ask(SetDefaultAgent, { id: which })).setDefaultAgent).toEqual(nothing);
  }
  expect(await agentOf(ada, id)).toEqual({ id, ...before });
  for (const which of [madeUpThings.agent, 'x']) {
    expect((await ada.ask(UpdateAgent, { input: { id: which, name: 'x' } })).updateAgent).toMatchObject({
      __typename: 'NotFoundError',
    });
    expect((await ada.ask(ArchiveAgent, { id: which })).archiveAgent).toMatchObject({ __typename: 'NotFoundError' });
    expect((await ada.ask(SetDefaultAgent, { id: which })).setDefaultAgent).toMatchObject({
      __typename: 'NotFoundError',
    });
  }
});

test('an archived agent cannot be chosen, and its chats go to the default', async () => {
  const agent = await newAgent({ provider: 'ECHO' });
  const chat = await ann.createsChat();
  await ann.ask(UpdateChat, { input: { id: chat.id, agentId: agent.id } });
  expect(await ann.ask(ChatById, { id: chat.id })).toMatchObject({ chat: { agent: { id: agent.id } } });
  const answered = await ann.asks('hello', chat.id);

  expect((await ada.ask(ArchiveAgent, { id: agent.id })).archiveAgent).toMatchObject({
    agent: { archivedAt: expect.any(String) as string, isAvailable: false },
  });

  expect(await ann.ask(ChatById, { id: chat.id })).toMatchObject({
    chat: { agent: { handle: 'claude' }, chosenAgent: { id: agent.id } },
  });
  expect((await ann.sends('and now?', chat.id)).run.provider).toBe('ANTHROPIC');
  expect(answered.run.provider).toBe('ECHO');
  expect(await handles(ann)).not.toContain(agent.handle);
  expect(await handles(ada)).toContain(agent.handle);
  const gone = { __typename: 'NotFoundError', code: 'NOT_FOUND', reason: 'No such agent.' };
  const input = { agentId: agent.id };
  expect((await ann.ask(CreateChat, { input })).createChat).toEqual(gone);
  expect((await ann.ask(UpdateChat, { input: { id: (await ann.createsChat()).id, ...input } })).updateChat).toEqual(
    gone,
  );
  const message = { chatId: (await ann.createsChat()).id, content: 'hello', clientId: crypto.randomUUID(), ...input };
  expect((await ann.ask(SendMessage, { input: message })).sendMessage).toEqual(gone);
  expect((await ada.ask(SetDefaultAgent, { id: agent.id })).setDefaultAgent).toEqual(gone);
});

test('the default agent answers where no agent is chosen, and cannot be archived', async () => {
  const before = (await ada.ask(ListAgents, {})).agents.find(({ isDefault }) => isDefault);
  const agent = await newAgent({ provider: 'ECHO' });
  const chat = await ann.createsChat();

  expect((await ada.ask(SetDefaultAgent, { id: agent.id })).setDefaultAgent).toMatchObject({
    agent: { isDefault: true },
  });

  expect((await ada.ask(ListAgents, {})).agents.filter(({ isDefault }) => isDefault).map(({ id }) => id)).toEqual([
    agent.id,
  ]);
  expect(await ann.ask(ChatById, { id: chat.id })).toMatchObject({
    chat: { agent: { id: agent.id }, chosenAgent: null },
  });
  expect((await ann.asks('hello', chat.id)).run.provider).toBe('ECHO');
  expect((await ada.ask(ArchiveAgent, { id: agent.id })).archiveAgent).toMatchObject({ __typename: 'ForbiddenError' });

  await ada.ask(SetDefaultAgent, { id: before?.id ?? '' });
  expect((await ada.ask(ArchiveAgent, { id: agent.id })).archiveAgent).toMatchObject({
    __typename: 'ArchiveAgentPayload',
  });
});

test('of two made the default at once, one is', async () => {
  const before = (await ada.ask(ListAgents, {})).agents.find(({ isDefault }) => isDefault);
  const two = [await newAgent({ provider: 'ECHO' }), await newAgent({ provider: 'ECHO' })];
  for (let round = 0; round < 10; round += 1) {
    const results = await Promise.all(two.map(({ id }) => ada.ask(SetDefaultAgent, { id })));
    for (const { setDefaultAgent } of results) expect(setDefaultAgent.__typename).toBe('SetDefaultAgentPayload');
    const defaults = (await ada.ask(ListAgents, {})).agents.filter(({ isDefault }) => isDefault);
    expect(two.map(({ id }) => id)).toContain(defaults[0]?.id);
    expect(defaults).toHaveLength(1);
  }
  await ada.ask(SetDefaultAgent, { id: before?.id ?? two[0]?.id ?? '' });
});

test('the model receives the agent’s instructions and limits', async () => {
  const agent = await newAgent({
    instructions: 'Answer in verse.',
    model: 'claude-verse',
    maxOutputTokens: 321,
    effort: 'MEDIUM',
  });
  const sent = await ann.asks('hello', undefined, { agentId: agent.id });
  const call = testServer().model.calls.findLast(({ body }) => body.model === 'claude-verse');

  expect(sent.run).toMatchObject({ model: 'claude-verse' });
  expect(call?.body).toMatchObject({ max_tokens: 321, output_config: { effort: 'medium' } });
  expect(call?.body.system.map(({ text }) => text)).toContain('Answer in verse.');

  await ada.ask(UpdateAgent, { input: { id: agent.id, instructions: 'Answer in prose.' } });
  await ann.asks('and now?', sent.chat.id, { agentId: agent.id });
  const next = testServer().model.calls.findLast(({ body }) => body.model === 'claude-verse');
  expect(next?.body.system.map(({ text }) => text)).toContain('Answer in prose.');
  expect(next?.body.system.map(({ text }) => text)).not.toContain('Answer in verse.');
});

test('the last agent cannot be archived, nor the last one that can answer', async () => {
  const { agents } = await ada.ask(ListAgents, {});
  const present = agents.filter(({ archivedAt }) => archivedAt === null);
  const chosen = present.find(({ isDefault }) => isDefault);
  const others = present.filter(({ id }) => id !== chosen?.id);
  for (const { id } of others) await ada.ask(ArchiveAgent, { id });

  expect(others.length).toBeGreaterThan(1);
  expect((await ada.ask(ArchiveAgent, { id: chosen?.id ?? '' })).archiveAgent).toMatchObject({
    __typename: 'ForbiddenError',
  });
  expect(await handles(ann)).toEqual([chosen?.handle]);
});

function freshHandle(): string {
  return `a-${crypto.randomUUID().slice(0, 12)}`;
}

async function newAgent(wishes: Partial<CreateAgentInput>) {
  const input: CreateAgentInput = { handle: freshHandle(), name: 'Somebody', provider: 'ANTHROPIC', ...wishes };
  const { createAgent } = await ada.ask(CreateAgent, { input });
  if (createAgent.__typename !== 'CreateAgentPayload') throw new Error(JSON.stringify(createAgent));
  return createAgent.agent;
}

async function agentOf(someone: Person, id: string) {
  return (await someone.ask(ListAgents, {})).agents.find((agent) => agent.id === id);
}

async function handles(someone: Person): Promise<string[]> {
  return (await someone.ask(ListAgents, {})).agents.map(({ handle }) => handle);
}
