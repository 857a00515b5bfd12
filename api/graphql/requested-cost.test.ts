import { afterAll, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { encodeGlobalId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { costsByChance } from '../testing/costs-by-chance.ts';
import { weigh } from '../testing/documents-by-chance.ts';
import { person } from '../testing/person.ts';
import { does } from '../testing/plain-requests.ts';
import { roomOf } from '../testing/rooms.ts';
import { madeUpThings, soundInput } from '../testing/samples.ts';

const { COST_PER_USER } = env;
Object.assign(env, { COST_PER_USER: 1_000_000_000 });
afterAll(() => void Object.assign(env, { COST_PER_USER }));

useConfab();

test('none of 300 documents is charged less than its answer amounts to', async () => {
  const { cheap, count, types } = await costsByChance(300, 20_261_129);
  expect(cheap).toEqual([]);
  expect(count).toBeGreaterThan(150);
  expect([...types]).toEqual(expect.arrayContaining(['Chat', 'Message', 'Run', 'NotFoundError', 'InvalidInputError']));
}, 120_000);

test('an input with many faults, and a message that asks three agents, are charged for all that they give', async () => {
  const ann = await person('ann');
  const refused = await weigh(ann, {
    query: `mutation ($input: CreateApiTokenInput!) {
      createApiToken(input: $input) { ... on InvalidInputError { issues { path code reason limit } } }
    }`,
    variables: {
      input: { ...soundInput('createApiToken', madeUpThings), documentIds: Array.from({ length: 100 }, () => 'x') },
    },
  });
  const names = ['one', 'two', 'three'];
  const room = await roomOf(ann);
  for (const handle of names) {
    const agent = await db.agent.create({ data: { handle, name: handle, provider: 'ECHO' } });
    await does(ann, 'addRoomAgent', { chatId: room, agentId: encodeGlobalId('Agent', agent.id), replyMode: 'MENTION' });
  }
  const asked = await weigh(ann, {
    query: `mutation ($input: SendMessageInput!) {
      sendMessage(input: $input) { ... on SendMessagePayload { runs { id status provider createdAt } } }
    }`,
    variables: { input: { chatId: room, content: '@one @two @three Who are you?', clientId: crypto.randomUUID() } },
  });
  expect([refused?.actual, asked?.actual]).toEqual([2 + 5 * 4, 2 + 3 * 4]);
  for (const each of [refused, asked]) expect(each?.requested).toBeGreaterThanOrEqual(each?.actual ?? Infinity);
});
