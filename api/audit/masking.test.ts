/** An administrator audits without reading: no word of anybody comes out of the change log. */
import { beforeAll, describe, expect, test } from 'vitest';

import { captureChanges, notCaptured } from '../changelog/capture.ts';
import { db } from '../database/db.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { Changes, readAllChanges } from '../testing/changes.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { CreateAgent, EditMessage } from '../testing/documents.ts';
import { says, stopsAt } from '../testing/model-server.ts';
import { ServiceAgent } from '../testing/service-agents.ts';
import { numberChanges } from '../testing/number-changes.ts';
import { type Person, person } from '../testing/person.ts';
import { asks, does } from '../testing/plain-requests.ts';
import { openRoomWith, personIdOf, says as saysIn } from '../testing/rooms.ts';
import { performerOf } from '../testing/performer.ts';
import { mutationNames, soundInput, type Things, thingsOf } from '../testing/samples.ts';
import { readColumns, textColumns } from './columns.ts';

useConfab();

let ada: Person;
let adaId: string;

beforeAll(async () => {
  testServer().model.otherwise(stopsAt('max_tokens', 'An answer.'));
  ada = await person('ada');
  ({ id: adaId } = await db.user.findUniqueOrThrow({ where: { email: ada.email } }));
  await captureChanges(true);
});

describe('columns', () => {
  test('every column that can hold text is shown, masked or hidden, and in one list', async () => {
    const columns = await readColumns();
    const captured = columns.filter(({ relation }) => !(relation in notCaptured));
    const inDatabase = captured.filter(({ isText }) => isText).map(({ relation, name }) => `${relation}.${name}`);
    expect(inDatabase.length).toBeGreaterThan(20);
    const listed = Object.entries(textColumns).flatMap(([relation, { shown = [], masked = [], hidden = [] }]) =>
      [...shown, ...masked, ...hidden].map((name) => `${relation}.${name}`),
    );
    expect(listed.toSorted(), 'Put it into the lists of columns.ts.').toEqual(inDatabase.toSorted());
  });

  test('a key is shown', async () => {
    const keys = (await readColumns()).filter(({ keyPlace, isText }) => keyPlace !== null && isText);
    for (const { relation, name } of keys.filter((key) => !(key.relation in notCaptured)))
      expect(textColumns[relation]?.shown, `${relation}.${name}`).toContain(name);
  });

  test('a column that no list names is masked', async () => {
    await db.$executeRawUnsafe('CREATE TABLE novelty (id uuid PRIMARY KEY, words text, number int)');
    await captureChanges(true);
    await db.$executeRawUnsafe(`INSERT INTO novelty VALUES (gen_random_uuid(), 'a canary in a mine', 7)`);
    await db.$executeRawUnsafe('DROP TABLE novelty');
    await numberChanges();
    const { changes } = await readAllChanges(ada, { tables: ['novelty'] });
    expect(changes).toHaveLength(1);
    expect(changes[0]?.fields.find(({ name }) => name === 'words')).toMatchObject({ isMasked: true, before: null });
    expect(JSON.stringify(changes)).not.toContain('canary');
  });
});

const UpdatePersonal = graphql(`
  mutation UpdatePersonalForAudit($input: UpdatePersonalContextInput!) {
    updatePersonalContext(input: $input) {
      __typename
    }
  }
`);

test('no word of messages, titles, topics and contexts is in anything that `changes` returns', async () => {
  const canary = (what: string) => `canary${what}${crypto.randomUUID().slice(0, 8)}`;
  const words: Record<string, string> = {};
  const word = (what: string) => (words[what] ??= canary(what));
  testServer().model.next(says(`The answer is ${word('answer')}.`));
  const { chat, message } = await ada.asks(`A question: ${word('question')}`);
  await ada.ask(EditMessage, { input: { id: message.id, content: `Rather: ${word('edited')}` } });
  expect(await does(ada, 'updateChat', { id: chat.id, title: word('title') })).toMatch(/Payload$/);
  await ada.ask(UpdatePersonal, { input: { content: `I am ${word('context')}`, expectedVersion: 0 } });
  const room = await openRoomWith(ada, await person('ben'));
  expect(await does(ada, 'updateRoom', { id: room, title: word('room'), topic: word('topic') })).toMatch(/Payload$/);
  await saysIn(ada, room, `Said in the room: ${word('said')}`);
  await ada.waitsForAnswers(chat.id);

  // Else nothing of it could be found.
  const [entries] = await db.$queryRaw<{ text: string }[]>`
    SELECT string_agg(coalesce(before::text, '') || coalesce(after::text, ''), '') AS text FROM change_entry`;
  for (const [what, each] of Object.entries(words)) expect(entries?.text, what).toContain(each);

  await numberChanges();
  const { changes } = await readAllChanges(ada);
  expect(changes.length).toBeGreaterThan(20);
  const text = JSON.stringify(changes);
  for (const [what, each] of Object.entries(words)) expect(text, what).not.toContain(each);
});

test('a mask gives the length, the same words in the same row by the same hash, and in another row by another one', async () => {
  const { chat, message } = await ada.asks('The same words.');
  const { message: other } = await ada.asks('The same words.', chat.id);
  const edit = async (content: string) => {
    await ada.ask(EditMessage, { input: { id: message.id, content } });
  };
  await edit('Other words.');
  await edit('The same words.');
  await numberChanges();
  const { changes } = await readAllChanges(ada, { tables: ['message'] });
  const fieldsOf = (id: string, column: string) =>
    changes
      .filter(({ rowId }) => id === `Message_${rowId}`)
      .flatMap(({ fields }) => fields.filter(({ name }) => name === column));
  const [said] = fieldsOf(message.id, 'content');
  const [saidElsewhere] = fieldsOf(other.id, 'content');
  const edited = fieldsOf(message.id, 'edited_content');

  expect(JSON.parse(said?.after ?? '')).toEqual({ length: 15, hash: expect.stringMatching(/^[\da-f]{32}$/) as string });
  expect(edited.at(-1)?.after).toBe(said?.after);
  expect(edited.at(-1)?.before).not.toBe(said?.after);
  expect(saidElsewhere?.after).toMatch('"length":15');
  expect(saidElsewhere?.after).not.toBe(said?.after);
});

test('hashes of passwords and tokens are not there at all', async () => {
  await numberChanges();
  const all = await readAllChanges(ada, { tables: ['account', 'invitation'] });
  const before = all.changes.length;
  const cat = await person('cat');
  await thingsOf(ada, { agent: await newAgent(), version: '' });
  await numberChanges();
  const { changes } = await readAllChanges(ada, { tables: ['account', 'invitation'] });
  expect(changes.length).toBeGreaterThan(before + 1);
  const names = new Set(changes.flatMap(({ fields }) => fields.map(({ name }) => name)));
  expect(names).toContain('provider_id');
  expect(names).toContain('max_uses');
  for (const hidden of ['password', 'token_hash', 'access_token', 'refresh_token', 'id_token'])
    expect(names).not.toContain(hidden);
  const { password } = await db.account.findFirstOrThrow({ where: { user: { email: cat.email } } });
  expect(password?.length).toBeGreaterThan(20);
  expect(JSON.stringify(changes)).not.toContain(password);
});

/** They write nothing that is captured: the run that is stopped is over. */
const writingNothing = new Set(['setTyping', 'writeChangelogBase', 'stopRun']);

/** What has to be so before a mutation changes anything. May change its input. */
const preparations: Record<string, (things: Things, input: Record<string, unknown>) => Promise<unknown>> = {
  acceptInvitation: ({ room }) => leaveByRow(room),
  joinRoom: ({ room }) => leaveByRow(room),
  addMembers: async (_things, input) => (input['personIds'] = [await personIdOf(await person('newcomer'))]),
  markRead: async ({ chat }, input) => {
    await db.chatMember.updateMany({ where: { chatId: rowId('Chat', chat) }, data: { lastReadSeq: 0 } });
    input['seq'] = 1;
  },
  restoreChat: ({ chat }) => does(ada, 'deleteChat', { id: chat }),
  selectBranch: async (things) => {
    await does(ada, 'regenerateAnswer', soundInput('regenerateAnswer', things));
    await ada.waitsForAnswers(things.chat);
  },
  setMemberRole: (_things, input) => Promise.resolve((input['role'] = 'MODERATOR')),
  unarchiveChat: ({ chat }) => does(ada, 'archiveChat', { id: chat }),
  unreact: (things) => does(ada, 'react', soundInput('react', things)),
  unpinChat: ({ chat }) => does(ada, 'pinChat', { id: chat }),
  enablePerson: ({ person: id }) => does(ada, 'disablePerson', { id }),
};

function leaveByRow(room: string) {
  return db.chatMember.deleteMany({ where: { chatId: rowId('Chat', room), userId: adaId } });
}

describe('every mutation', () => {
  test.each(mutationNames())('%s records its viewer, and no word that it was given', async (name) => {
    const version = await contextVersion();
    const things = await thingsOf(ada, { agent: await newAgent(), version });
    const performer = await performerOf(name, ada, things);
    const performerId = performer instanceof ServiceAgent ? performer.personId : `Person_${adaId}`;
    const input = soundInput(name, things);
    const texts = Object.entries(input).flatMap(([field, value]) =>
      typeof value === 'string' && value.startsWith('text-') && wordFields.has(field) ? [value] : [],
    );
    await preparations[name]?.(things, input);
    if ('expectedVersion' in input) input['expectedVersion'] = await expectedVersion(name);
    await numberChanges();
    const seen = await newest();
    expect(await does(performer, name, input)).toMatch(/Payload$/);
    await numberChanges();

    const changes = (await readAllChanges(ada, {}, { after: seen })).changes;
    const own = changes.filter(({ actor }) => actor.kind === 'USER');
    if (!writingNothing.has(name)) expect(own.length).toBeGreaterThan(0);
    for (const { actor } of own)
      expect(actor).toMatchObject({ subject: performerId, person: { name: performer === ada ? 'ada' : 'Robot' } });
    // What follows by itself is the server's or an agent's, and nothing lacks an owner.
    for (const { actor } of changes) expect(['USER', 'AGENT', 'SERVER']).toContain(actor.kind);
    for (const text of texts) expect(JSON.stringify(changes)).not.toContain(text);
  });
});

/** What people write in them is words. Names of agents and persons are not. */
const wordFields = new Set(['content', 'title', 'topic']);

async function newest(): Promise<number> {
  const { changes } = await ada.ask(Changes, { last: 1 });
  return changes?.nodes.at(-1)?.commit ?? 0;
}

async function newAgent(): Promise<string> {
  const handle = `a-${crypto.randomUUID().slice(0, 8)}`;
  const { createAgent } = await ada.ask(CreateAgent, { input: { handle, name: 'Another', provider: 'ECHO' } });
  if (createAgent.__typename !== 'CreateAgentPayload') throw new Error(JSON.stringify(createAgent));
  return createAgent.agent.id;
}

async function contextVersion(): Promise<string> {
  await ada.ask(UpdatePersonal, {
    input: { content: crypto.randomUUID(), expectedVersion: await expectedVersion('updatePersonalContext') },
  });
  const { id } = await db.contextVersion.findFirstOrThrow({
    where: { contextFile: { userId: adaId } },
    orderBy: { version: 'asc' },
  });
  return encodeGlobalId('ContextVersion', id);
}

async function expectedVersion(mutation: string): Promise<number> {
  const field = mutation === 'updatePrimaryContext' ? 'primaryContext' : 'personalContext';
  const found = await asks<Record<string, { version: number }>>(ada, `{ ${field} { version } }`, {});
  return found[field]?.version ?? 0;
}
