import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { useConfab, testServer } from '../testing/confab.ts';
import { CreateAgent, ListAgents } from '../testing/documents.ts';
import { says } from '../testing/model-server.ts';
import { type Person, person, stranger, wordsOf } from '../testing/person.ts';
import { ensureBuiltInAgents } from './built-in.ts';

const HasModelKey = graphql(`
  query HasModelKey {
    server {
      hasModelKey
    }
  }
`);

const ModelsInUse = graphql(`
  query ModelsInUse {
    agents {
      handle
      description
      modelSource
      contextWindow
    }
  }
`);

useConfab({ hasKey: false, hasOpenAi: true });

let ada: Person;

beforeAll(async () => {
  ada = await person('ada');
});

test('where only an OpenAI-compatible server is set, its model answers by default rather than the echo', async () => {
  const { agents } = await ada.ask(ListAgents, {});
  expect(agents).toMatchObject([
    { handle: 'claude', isAvailable: false, isDefault: false },
    { handle: 'echo', isAvailable: true, isDefault: false },
    { handle: 'assistant', provider: 'OPENAI', isAvailable: true, isDefault: true, effectiveModel: 'gpt-test' },
  ]);

  testServer().model.next(says('Hello from afar.'));
  const { events, run } = await ada.asks('Who are you?');
  expect(wordsOf(events)).toBe('Hello from afar.');
  expect(run).toMatchObject({ provider: 'OPENAI', model: 'gpt-test' });
  expect(testServer().model.calls.at(-1)).toMatchObject({ path: '/v1/chat/completions', body: { model: 'gpt-test' } });
});

test('the server does not report a missing key', async () => {
  expect(await stranger().ask(HasModelKey, {})).toEqual({ server: { hasModelKey: true } });
});

test('an administrator makes an agent of it with another model', async () => {
  const input = { handle: 'llama', name: 'Llama', provider: 'OPENAI' as const, model: 'llama3.2:3b' };
  const { createAgent } = await ada.ask(CreateAgent, { input });
  if (createAgent.__typename !== 'CreateAgentPayload') throw new Error(JSON.stringify(createAgent));
  testServer().model.next(says('Baa.'));
  const { run } = await ada.asks('Who are you?', undefined, { agentId: createAgent.agent.id });
  expect(run).toMatchObject({ provider: 'OPENAI', model: 'llama3.2:3b' });
});

test('all people see descriptions of agents, the administrator also which model is in use', async () => {
  const ann = await person('ann');
  const { agents } = await ann.ask(ModelsInUse, {});
  for (const { description } of agents) expect(description).not.toMatch(/[A-Z]+_[A-Z]+/);
  expect(agents.every((agent) => agent.modelSource === null && agent.contextWindow === null)).toBe(true);

  const seen = new Map((await ada.ask(ModelsInUse, {})).agents.map((agent) => [agent.handle, agent]));
  expect(seen.get('assistant')).toMatchObject({ modelSource: 'SETTINGS', contextWindow: 128_000 });
  expect(seen.get('llama')).toMatchObject({ modelSource: 'AGENT', contextWindow: 128_000 });
});

test('descriptions of older installations that named settings are replaced, and no others', async () => {
  // By their names: they were made at the same moment.
  const called = (handle: string) => db.agent.findUniqueOrThrow({ where: { handle } });
  const [claude, echo] = [await called('claude'), await called('echo')];
  const describe = (id: string, description: string) => db.agent.update({ where: { id }, data: { description } });
  await describe(claude.id, 'Anthropic’s assistant. Needs ANTHROPIC_API_KEY.');
  await describe(echo.id, 'Our own words.');
  const file = join('prisma', 'migrations', '20261125000100_agent_descriptions', 'migration.sql');
  for (const statement of (await readFile(file, 'utf8')).split(';\n')) {
    if (statement.trim()) await db.$executeRawUnsafe(statement);
  }
  const after = [await called('claude'), await called('echo')];
  expect(after.map(({ description }) => description)).toEqual([claude.description, 'Our own words.']);
});

test('the echo does not say that no model is connected where one is', async () => {
  const { agents } = await ada.ask(ListAgents, {});
  const echo = agents.find(({ handle }) => handle === 'echo')?.id ?? '';
  const words = wordsOf((await ada.asks('repeat after me', undefined, { agentId: echo })).events);
  expect(words).toContain('repeat after me');
  expect(words).not.toContain('no model is connected');
});

describe('at a later start', () => {
  const ofOpenAi = () => db.agent.findMany({ where: { provider: 'OPENAI' } });

  test('nothing is made again, not even what was archived', async () => {
    const before = await ofOpenAi();
    await db.agent.updateMany({ where: { provider: 'OPENAI' }, data: { archivedAt: new Date() } });
    await ensureBuiltInAgents();
    expect((await ofOpenAi()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  test('an installation whose agents are older gets one, under a handle that is free', async () => {
    await db.agent.updateMany({ where: { provider: 'OPENAI' }, data: { provider: 'ECHO' } });
    await Promise.all([ensureBuiltInAgents(), ensureBuiltInAgents()]);
    expect(await ofOpenAi()).toMatchObject([{ handle: 'assistant-2', archivedAt: null }]);

    testServer().model.next(says('Here I am.'));
    expect(wordsOf((await ada.asks('Are you there?')).events)).toBe('Here I am.');
  });
});
