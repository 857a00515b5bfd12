/** Every mutation that takes a `clientId`: sent again it does nothing more, and with another input it is refused. Made from the schema. */
import { beforeAll, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person } from '../testing/person.ts';
import { asks, does } from '../testing/plain-requests.ts';
import { performerOf } from '../testing/performer.ts';
import { inputType, madeUpThings, mutationNames, soundInput, type Things, thingsOf } from '../testing/samples.ts';

useConfab({ hasOpenAi: true });

/** A base of the change log takes no other input, so that none can differ. */
const names = mutationNames().filter(
  (name) => name !== 'writeChangelogBase' && 'clientId' in inputType(name).getFields(),
);

let admin: Person;
let performer: Person;
let things: Things;
let otherAgent: string;

beforeAll(async () => {
  admin = await person('ada');
  const [agent, other] = await db.agent.findMany({ where: { archivedAt: null, provider: { not: 'ECHO' } } });
  if (!agent || !other) throw new Error('There are not two agents.');
  otherAgent = encodeGlobalId('Agent', other.id);
  things = await thingsOf(admin, { agent: encodeGlobalId('Agent', agent.id), version: madeUpThings.version });
  await db.roomAgent.create({ data: { chatId: rowId('Chat', things.room), agentId: other.id } });
  // Cut, so that it can be continued.
  await db.run.update({
    where: { id: rowId('Run', things.run) },
    data: { status: 'COMPLETED', stopReason: 'MAX_TOKENS' },
  });
  await db.message.update({ where: { id: rowId('Message', things.answer) }, data: { content: 'Half' } });
});

/** What of a sound input makes a sound one of another request. */
function other(name: string, input: Record<string, unknown>): Record<string, unknown> {
  for (const field of ['content', 'title', 'name']) if (field in input) return { ...input, [field]: 'Another one' };
  if ('agentId' in input) return { ...input, agentId: otherAgent };
  if ('replyToId' in input) return { ...input, replyToId: things.answer };
  throw new Error(`What is another input of ${name}?`);
}

interface Outcome {
  __typename: string;
  code?: string;
  current?: unknown;
}

async function outcomeOf(name: string, input: Record<string, unknown>): Promise<Outcome> {
  const query = `mutation Try($input: ${inputType(name).name}!) {
    it: ${name}(input: $input) { __typename ... on Error { code } ... on ConflictError { current { id } } }
  }`;
  return (await asks<{ it: Outcome }>(performer, query, { input })).it;
}

/** Not of answers, which come by themselves. */
const counts = () =>
  Promise.all([db.chat.count(), db.message.count({ where: { role: 'USER' } }), db.run.count(), db.agent.count()]);

test('there are several of them', () => {
  expect(names.length).toBeGreaterThan(5);
});

test.each(names)('%s', async (name) => {
  // A private chat has one answer at a time.
  await admin.waitsForAnswers(things.chat);
  performer = await performerOf(name, admin, things);
  const { parentId: _parentId, ...input } = soundInput(name, things);
  const first = await outcomeOf(name, input);
  expect(first.__typename, JSON.stringify(first)).toMatch(/Payload$/);
  const before = await counts();
  expect((await outcomeOf(name, input)).__typename).toBe(first.__typename);
  expect(await outcomeOf(name, other(name, input))).toEqual({
    __typename: 'ConflictError',
    code: 'CLIENT_ID_REUSED',
    current: null,
  });
  expect(await counts()).toEqual(before);
});

test('a message that is sent again may name another place, and what was sent before this was known is taken as it is', async () => {
  performer = admin;
  await admin.waitsForAnswers(things.chat);
  const { parentId: _parentId, ...input } = soundInput('sendMessage', things);
  expect(await outcomeOf('sendMessage', input)).toMatchObject({ __typename: 'SendMessagePayload' });
  expect(await outcomeOf('sendMessage', { ...input, parentId: null })).toMatchObject({
    __typename: 'SendMessagePayload',
  });
  await db.message.updateMany({ where: { clientId: String(input['clientId']) }, data: { inputHash: null } });
  expect(await outcomeOf('sendMessage', { ...input, content: 'Another one' })).toMatchObject({
    __typename: 'SendMessagePayload',
  });
});

test('one clientId for a chat and a room is a conflict, whichever comes first', async () => {
  for (const [first, second] of [
    ['createChat', 'createRoom'],
    ['createRoom', 'createChat'],
  ] as const) {
    const input = { title: 'One of two', clientId: crypto.randomUUID() };
    expect(await does(admin, first, input)).toMatch(/Payload$/);
    expect(await does(admin, second, input)).toBe('ConflictError');
  }
});
