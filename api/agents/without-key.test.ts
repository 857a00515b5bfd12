import { beforeAll, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { useConfab } from '../testing/confab.ts';
import { ChatById, CreateAgent, ListAgents, SendMessage, UpdateChat } from '../testing/documents.ts';
import { type Person, person, wordsOf } from '../testing/person.ts';

const ArchiveKeyless = graphql(`
  mutation ArchiveKeyless($id: ID!) {
    archiveAgent(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
    }
  }
`);

useConfab({ hasKey: false });

let ada: Person;

beforeAll(async () => {
  ada = await person('ada');
});

test('without a key Claude is there but cannot answer, and the echo does', async () => {
  const { agents } = await ada.ask(ListAgents, {});
  expect(agents).toMatchObject([
    { handle: 'claude', isAvailable: false, isDefault: false },
    { handle: 'echo', isAvailable: true, isDefault: true },
  ]);

  const { events, run, chat } = await ada.asks('repeat after me');
  expect(run.provider).toBe('ECHO');
  expect(wordsOf(events)).toContain('repeat after me');
  expect(await ada.ask(ChatById, { id: chat.id })).toMatchObject({ chat: { agent: { handle: 'echo' } } });
});

test('choosing Claude is refused with what is missing', async () => {
  const { agents } = await ada.ask(ListAgents, {});
  const claude = agents[0]?.id ?? '';
  const { id } = await ada.createsChat();
  const refusal = {
    __typename: 'ForbiddenError',
    code: 'AGENT_WITHOUT_KEY',
    reason: expect.stringContaining('key') as string,
  };

  expect((await ada.ask(UpdateChat, { input: { id, agentId: claude } })).updateChat).toEqual(refusal);
  const input = { chatId: id, content: 'hello', clientId: crypto.randomUUID(), agentId: claude };
  expect((await ada.ask(SendMessage, { input })).sendMessage).toEqual(refusal);
});

test('the last agent that can answer cannot be archived', async () => {
  const { agents } = await ada.ask(ListAgents, {});
  const echo = agents[1]?.id ?? '';
  expect((await ada.ask(ArchiveKeyless, { id: echo })).archiveAgent).toEqual({
    __typename: 'ForbiddenError',
    code: 'LAST_USABLE_AGENT',
    reason: 'This is the last agent that can answer. Make another one first.',
  });

  await ada.ask(CreateAgent, { input: { handle: 'parrot', name: 'Parrot', provider: 'ECHO' } });
  expect((await ada.ask(ArchiveKeyless, { id: echo })).archiveAgent).toEqual({ __typename: 'ArchiveAgentPayload' });
  expect((await ada.asks('hello')).run.provider).toBe('ECHO');
});

// As when the key was taken away after the echo had been archived.
test('where no agent can answer, chats can still be read, and sending is refused with the reason', async () => {
  const chat = await ada.createsChat();
  await db.agent.updateMany({ where: { provider: 'ECHO' }, data: { archivedAt: new Date() } });

  expect(await ada.ask(ChatById, { id: chat.id })).toMatchObject({ chat: { id: chat.id, agent: null } });
  const input = { chatId: chat.id, content: 'hello', clientId: crypto.randomUUID() };
  expect((await ada.ask(SendMessage, { input })).sendMessage).toEqual({
    __typename: 'ForbiddenError',
    code: 'NO_AGENT',
    reason: 'No agent can answer. An administrator can set a key or bring back the echo.',
  });
});
