import { beforeAll, describe, expect, test } from 'vitest';

import { db } from '../db.ts';
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

test('the page is not told that a key is missing', async () => {
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
