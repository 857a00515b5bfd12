/** What several people, or one impatient client, do in a room at the same moment. On a PostgreSQL server they truly meet. */
import { setImmediate } from 'node:timers/promises';

import { beforeAll, expect, onTestFinished, test } from 'vitest';

import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { SendMessage } from '../testing/documents.ts';
import { type Person, person } from '../testing/person.ts';
import { addTo, leave, personIdOf, roomOf } from '../testing/rooms.ts';

useConfab();

const CreateOnce = graphql(`
  mutation CreateOnce($input: CreateRoomInput!) {
    createRoom(input: $input) {
      ... on CreateRoomPayload {
        chat {
          id
        }
      }
    }
  }
`);

const TakeRole = graphql(`
  mutation TakeRole($input: SetMemberRoleInput!) {
    setMemberRole(input: $input) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const EnterRoom = graphql(`
  mutation EnterRoom($id: ID!) {
    joinRoom(input: { id: $id }) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const MakeLink = graphql(`
  mutation MakeLink($input: CreateInvitationInput!) {
    createInvitation(input: $input) {
      ... on CreateInvitationPayload {
        token
      }
    }
  }
`);

const UseLink = graphql(`
  mutation UseLink($token: String!) {
    acceptInvitation(input: { token: $token }) {
      __typename
    }
  }
`);

const DeleteSelf = graphql(`
  mutation DeleteSelf($id: ID!) {
    deletePerson(input: { id: $id, messages: ERASE }) {
      __typename
    }
  }
`);

let owner: Person;
let second: Person;
let member: Person;

beforeAll(async () => {
  // Who signs up first is the administrator, who cannot delete themselves.
  await person('administrator');
  [owner, second, member] = await Promise.all([person('olga'), person('otis'), person('mel')]);
});

/** With two owners. */
async function roomOfTwo(owners: readonly [Person, Person] = [owner, second]): Promise<string> {
  const id = await roomOf(owners[0]);
  await addTo(id, owners[0], [owners[1]], 'OWNER');
  return id;
}

const rolesIn = async (id: string) => {
  const members = await db.chatMember.findMany({ where: { chatId: rowId('Chat', id), leftAt: null } });
  return members.map(({ role }) => role).toSorted();
};
const eventsIn = async (id: string, kind: string) =>
  db.message.count({ where: { chatId: rowId('Chat', id), event: { path: ['kind'], equals: kind } } });
const codesOf = (outcomes: readonly { __typename: string; code?: string }[]) =>
  outcomes.map(({ __typename, code }) => code ?? __typename).toSorted();
const setRole = async (by: Person, chatId: string, other: Person, role: 'OWNER' | 'MEMBER') =>
  (await by.ask(TakeRole, { input: { chatId, personId: await personIdOf(other), role } })).setMemberRole;
const times = <T>(count: number, act: () => Promise<T>) => Promise.all(Array.from({ length: count }, act));

test('of two owners who leave at once, one stays where others are left', async () => {
  const id = await roomOfTwo();
  await addTo(id, owner, [member]);
  expect(codesOf(await Promise.all([leave(owner, id), leave(second, id)]))).toEqual(['LAST_OWNER', 'LeaveRoomPayload']);
  expect(await rolesIn(id)).toEqual(['MEMBER', 'OWNER']);
});

test('two owners who are alone and leave at once take the room along', async () => {
  const id = await roomOfTwo();
  expect(codesOf(await Promise.all([leave(owner, id), leave(second, id)]))).toEqual([
    'LeaveRoomPayload',
    'LeaveRoomPayload',
  ]);
  expect(await rolesIn(id)).toEqual([]);
  expect((await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', id) } })).deletedAt).not.toBeNull();
});

test('two owners who demote each other at once both stay owners', async () => {
  const id = await roomOfTwo();
  const outcomes = await Promise.all([setRole(owner, id, second, 'MEMBER'), setRole(second, id, owner, 'MEMBER')]);
  expect(codesOf(outcomes)).toEqual(['OWNER_PROTECTED', 'OWNER_PROTECTED']);
  expect(await rolesIn(id)).toEqual(['OWNER', 'OWNER']);
});

test('where one owner steps down while the other leaves, one stays', async () => {
  const id = await roomOfTwo();
  await addTo(id, owner, [member]);
  const outcomes = await Promise.all([setRole(owner, id, owner, 'MEMBER'), leave(second, id)]);
  expect(codesOf(outcomes)).toContain('LAST_OWNER');
  expect((await rolesIn(id)).filter((role) => role === 'OWNER')).toHaveLength(1);
});

test('where both owners delete their accounts at once, the room has an owner', async () => {
  const owners = await Promise.all([person('fay'), person('finn')]);
  const id = await roomOfTwo(owners);
  await addTo(id, owners[0], [member]);
  await Promise.all(owners.map(async (each) => each.ask(DeleteSelf, { id: await personIdOf(each) })));
  expect(await rolesIn(id)).toEqual(['OWNER']);
});

test('the same request twice at once makes one room', async () => {
  const clientId = crypto.randomUUID();
  const made = await times(5, () => owner.ask(CreateOnce, { input: { title: 'Once', clientId } }));
  expect(new Set(made.map(({ createRoom }) => JSON.stringify(createRoom))).size).toBe(1);
  expect(await db.chat.count({ where: { clientId } })).toBe(1);
});

test('the same message many times at once is said once, and many at once stand in one line', async () => {
  const id = await roomOfTwo();
  const clientId = crypto.randomUUID();
  const send = async (someone: Person, content: string, key: string) =>
    (await someone.ask(SendMessage, { input: { chatId: id, content, clientId: key } })).sendMessage;
  const same = await times(8, () => send(owner, 'Once.', clientId));
  expect(new Set(same.map((each) => ('message' in each ? each.message.id : each.code))).size).toBe(1);

  await Promise.all(
    [owner, second].flatMap((each) =>
      Array.from({ length: 10 }, (_, index) => send(each, `${each.name} ${index}`, crypto.randomUUID())),
    ),
  );
  const line = await db.message.findMany({ where: { chatId: rowId('Chat', id) }, orderBy: { seq: 'asc' } });
  expect(line.filter(({ role }) => role === 'USER')).toHaveLength(21);
  // Each follows the one before it, and the last is the head.
  expect(line.map(({ parentId }) => parentId)).toEqual([null, ...line.slice(0, -1).map((each) => each.id)]);
  expect((await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', id) } })).headId).toBe(line.at(-1)?.id);
});

test('a person who joins many times at once joins once, and uses a link once', async () => {
  const open = await roomOf(owner, { visibility: 'OPEN' });
  const joined = await times(6, () => member.ask(EnterRoom, { id: open }));
  expect(new Set(joined.map(({ joinRoom }) => joinRoom.__typename))).toEqual(new Set(['JoinRoomPayload']));
  expect([await rolesIn(open), await eventsIn(open, 'JOINED')]).toEqual([['MEMBER', 'OWNER'], 1]);

  const closed = await roomOf(owner);
  const { createInvitation } = await owner.ask(MakeLink, { input: { chatId: closed, maxUses: 2 } });
  const token = 'token' in createInvitation ? createInvitation.token : '';
  await times(6, () => member.ask(UseLink, { token }));
  expect([await rolesIn(closed), await eventsIn(closed, 'JOINED')]).toEqual([['MEMBER', 'OWNER'], 1]);
  expect(await db.invitation.findMany({ where: { chatId: rowId('Chat', closed) } })).toMatchObject([{ uses: 1 }]);
});

test('no more people come in at once than the room holds', async () => {
  const most = env.MAX_ROOM_MEMBERS;
  env.MAX_ROOM_MEMBERS = 5;
  onTestFinished(() => void (env.MAX_ROOM_MEMBERS = most));
  const id = await roomOf(owner, { visibility: 'OPEN' });
  const crowd = await Promise.all(Array.from({ length: 10 }, (_, index) => person(`crowd${index}`)));
  const outcomes = await Promise.all(crowd.map(async (each) => (await each.ask(EnterRoom, { id })).joinRoom));
  expect(codesOf(outcomes).filter((code) => code === 'ROOM_FULL')).toHaveLength(6);
  expect(await rolesIn(id)).toHaveLength(5);
});

test('a message that is sent while its author leaves has an outcome that was foreseen', async () => {
  const id = await roomOfTwo();
  const Send = `mutation Send($input: SendMessageInput!) {
    sendMessage(input: $input) { __typename ... on SendMessagePayload { message { id } chat { id } } }
  }`;
  const statuses = new Set<number>();
  for (let pause = 0; pause < 20; pause += 1) {
    await addTo(id, owner, [member]);
    const variables = { input: { chatId: id, content: 'Goodbye', clientId: crypto.randomUUID() } };
    const sent = member.post('/graphql', { query: Send, variables }, { accept: 'application/graphql-response+json' });
    for (let turn = 0; turn < pause; turn += 1) await setImmediate();
    const [{ status }] = await Promise.all([sent, leave(member, id)]);
    statuses.add(status);
  }
  expect([200, 404]).toEqual(expect.arrayContaining([...statuses]));
});
