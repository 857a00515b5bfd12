/** What a token that is bound to one chat finds of the others: no byte. */
import {
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  isLeafType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { ApiScope } from '../generated/prisma/client.ts';
import { schema } from '../graphql/schema.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person } from '../testing/person.ts';
import { asks, does, HeardFeed, writes } from '../testing/plain-requests.ts';
import { addTo, personIdOf, roomOf } from '../testing/rooms.ts';
import { madeUpThings, soundArguments, type Things, thingsOf } from '../testing/samples.ts';
import { type Program, programOf } from '../testing/tokens.ts';

useConfab({ hasKey: false });

const scopes = Object.values(ApiScope);
/** In all that is said and written in the other chats. */
const CANARY = 'canary-3c1f8e';
/** In all that is said in the chat that the token is bound to. */
const OWN = 'seed-77ab20';

let owner: Person;
let program: Program;
let things: Things;
let ownChat: string;
let otherIds: string[];

beforeAll(async () => {
  owner = await person('owner');
  const agent = await db.agent.findFirstOrThrow();
  things = await thingsOf(owner, { agent: encodeGlobalId('Agent', agent.id), version: madeUpThings.version });
  const chatIds = [things.chat, things.room, things.ownRoom].map((id) => rowId('Chat', id));
  await db.chat.updateMany({ where: { id: { in: chatIds } }, data: { title: CANARY, topic: CANARY } });
  await db.message.updateMany({ where: { chatId: { in: chatIds } }, data: { content: CANARY } });
  const rows = await db.chat.findMany({
    where: { id: { in: chatIds } },
    include: { messages: true, runs: true, invitations: true },
  });
  otherIds = rows.flatMap(({ id, messages, runs, invitations }) => [
    id,
    ...[messages, runs, invitations].flat().map((row) => row.id),
  ]);

  ownChat = await roomOf(owner, { title: OWN, topic: OWN });
  const member = await person('member');
  await addTo(ownChat, owner, [member]);
  await writes(owner, ownChat, `Hello @member, ${OWN}`);
  await writes(member, ownChat, `Hello, ${OWN}`);
  program = await programOf(owner, { scopes, chatIds: [ownChat] });
});

/** Chains of so many fields that lead from one object to another. */
const MOST_STEPS = 3;

/** All leaves of a type, or of each type of a union; empty where it has none. */
function leavesOf(type: GraphQLObjectType): string[] {
  return Object.values(type.getFields())
    .filter((field) => isLeafType(getNamedType(field.type)))
    .map((field) => callOf(field));
}

function callOf(field: GraphQLField<unknown, unknown>): string {
  const given = Object.entries(soundArguments(field.args, field.name, things));
  const list = given.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ');
  return `${field.name}${list && `(${list})`}`;
}

/** Every way that leads on from a type, written as a selection. */
function* selectionsOf(type: GraphQLObjectType, steps = MOST_STEPS): Generator<string> {
  yield ['__typename', ...leavesOf(type)].join(' ');
  if (steps === 0) return;
  for (const field of Object.values(type.getFields())) {
    const next = getNamedType(field.type);
    const types = isUnionType(next) ? next.getTypes() : isObjectType(next) ? [next] : [];
    // A connection and its edge are steps of their own, and lead nowhere else.
    const isPage = /Connection$|Edge$/.test(next.name);
    for (const one of types)
      for (const inner of selectionsOf(one, isPage ? steps : steps - 1))
        yield `${callOf(field)} { ${isUnionType(next) ? `... on ${one.name} { ${inner} }` : inner} }`;
  }
}

interface Crawled {
  asked: number;
  answers: string;
}

/** As many selections in one request as the limits on a query allow for sure. */
async function crawl(entry: string, type: GraphQLObjectType): Promise<Crawled> {
  let [asked, answers] = [0, ''];
  for (const selection of selectionsOf(type)) {
    const response = await program.post('/graphql', { query: `{ ${entry} { ... on ${type.name} { ${selection} } } }` });
    answers += await response.text();
    asked += 1;
  }
  return { asked, answers };
}

function objectType(name: string): GraphQLObjectType {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no object.`);
  return type;
}

function expectNothingForeign(answers: string): void {
  expect(answers).not.toContain(CANARY);
  for (const id of otherIds) expect(answers).not.toContain(id);
}

describe('a crawl', () => {
  test('of the other chats, by their ids, finds nothing', async () => {
    const entries: [string, keyof Things][] = [
      ['Chat', 'chat'],
      ['Chat', 'room'],
      ['Chat', 'ownRoom'],
      ['Message', 'message'],
      ['Message', 'answer'],
      ['Message', 'question'],
      ['Run', 'run'],
      ['Invitation', 'invitation'],
    ];
    for (const [type, thing] of entries) {
      const query = `{ node(id: "${things[thing]}") { ... on ${type} { ${leavesOf(objectType(type)).join(' ')} } } }`;
      // Its owner finds it: the token does not for being bound.
      expect(await (await owner.post('/graphql', { query })).text()).toContain('"node":{');
      expect(await (await program.post('/graphql', { query })).json()).toEqual({ data: { node: null } });
    }
  });

  test('of its own chat, along every field, finds its own alone', async () => {
    const { answers, asked } = await crawl(`node(id: "${ownChat}")`, objectType('Chat'));
    expect(asked).toBeGreaterThan(50);
    expect(answers).toContain(OWN);
    expectNothingForeign(answers);
  }, 120_000);

  test('of the viewer and of every list finds its own alone', async () => {
    let answers = '';
    for (const root of Object.values(schema.getQueryType()?.getFields() ?? {})) {
      const type = getNamedType(root.type);
      if (!isObjectType(type) || root.name === 'apiTokens') continue;
      for (const selection of selectionsOf(type, 1))
        answers += await (await program.post('/graphql', { query: `{ ${callOf(root)} { ${selection} } }` })).text();
    }
    expect(answers).toContain(OWN);
    expectNothingForeign(answers);
  }, 120_000);
});

const FEED = `subscription Feed($chats: [ChatCursor!]) {
  feed(chats: $chats) {
    __typename
    ... on ChatChange { chat { id title topic } messages { id content } }
    ... on ChatListChange { chat { id title topic } }
    ... on ChatGone { chatId }
    ... on TypingChange { chatId }
    ... on PresenceChange { chatId }
  }
}`;

describe('a feed', () => {
  test('sends its own chat alone, and that the others are gone', async () => {
    const named = [ownChat, things.room].map((id) => ({ id, after: 1_000_000 }));
    using feed = new HeardFeed(program, FEED, { chats: named });
    await feed.caughtUp;
    expect(feed.of('ChatGone')).toEqual([{ __typename: 'ChatGone', chatId: things.room }]);

    await does(owner, 'setTyping', { chatId: things.room });
    await writes(owner, things.room, CANARY);
    await does(owner, 'pinChat', { id: things.room });
    await does(owner, 'updateRoom', { id: things.ownRoom, title: CANARY });
    await owner.createsChat(CANARY);
    await writes(owner, ownChat, `Once more, ${OWN}`);
    await expect.poll(() => JSON.stringify(feed.of('ChatChange'))).toContain(`Once more, ${OWN}`);
    const told = feed.events.filter(({ __typename }) => __typename !== 'ChatGone');
    expectNothingForeign(JSON.stringify(told));
    expect(told.every(({ __typename }) => ['ChatChange', 'Tick', 'PresenceChange'].includes(__typename))).toBe(true);
  });

  test('of a run in another chat is refused', async () => {
    await expect(program.follows(things.run).next()).rejects.toThrow('NOT_FOUND');
    expect((await Array.fromAsync(owner.follows(things.run))).length).toBeGreaterThan(1);
  });
});

test('of an administrator, neither shows the change log nor changes accounts, both of which are about all chats', async () => {
  // The first account is the administrator's.
  const asked = '{ changes(last: 50) { nodes { rowId } } changelog { commit } }';
  expect(await asks(program, asked, {})).toEqual({ changes: null, changelog: null });
  const whole = await programOf(owner, { scopes });
  expect(await asks(whole, asked, {})).toMatchObject({ changes: { nodes: [] } });
  const personId = await personIdOf(await person('victim'));
  for (const [mutation, input] of [
    ['disablePerson', { id: personId }],
    ['setMaxChats', { personId, maxChats: 1 }],
    ['deletePerson', { id: personId, messages: 'ERASE' }],
  ] as const) {
    expect(await does(program, mutation, input), mutation).toBe('ForbiddenError');
    expect(await does(whole, mutation, input), mutation).toMatch(/Payload$/);
  }
});
