import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { deletePerson } from '../accounts/delete.ts';
import { disablePerson } from '../accounts/disable.ts';
import type { Viewer } from '../auth/viewer.ts';
import { bus } from '../bus/bus.ts';
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { graphql } from '../generated/graphql/gql.ts';
import type { MemberRole } from '../generated/graphql/graphql.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import {
  DeleteMessage,
  EditMessage,
  PinChat,
  RestoreChat,
  SelectBranch,
  SendMessage,
  UpdateChat,
} from '../testing/documents.ts';
import { type Person, person } from '../testing/person.ts';
import { does } from '../testing/plain-requests.ts';
import { serviceAgent } from '../testing/service-agents.ts';

useConfab();

const CreateRoom = graphql(`
  mutation CreateRoom($input: CreateRoomInput!) {
    createRoom(input: $input) {
      __typename
      ... on Error {
        code
      }
      ... on CreateRoomPayload {
        chat {
          id
          title
          kind
        }
      }
    }
  }
`);

const UpdateRoom = graphql(`
  mutation UpdateRoom($input: UpdateRoomInput!) {
    updateRoom(input: $input) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const JoinRoom = graphql(`
  mutation JoinRoom($id: ID!) {
    joinRoom(input: { id: $id }) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const LeaveRoom = graphql(`
  mutation LeaveRoom($id: ID!) {
    leaveRoom(input: { id: $id }) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const AddMembers = graphql(`
  mutation AddMembers($input: AddMembersInput!) {
    addMembers(input: $input) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const RemoveMember = graphql(`
  mutation RemoveMember($input: RemoveMemberInput!) {
    removeMember(input: $input) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const SetMemberRole = graphql(`
  mutation SetMemberRole($input: SetMemberRoleInput!) {
    setMemberRole(input: $input) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const CreateInvitation = graphql(`
  mutation CreateInvitation($input: CreateInvitationInput!) {
    createInvitation(input: $input) {
      __typename
      ... on Error {
        code
      }
      ... on CreateInvitationPayload {
        token
        invitation {
          id
          uses
          maxUses
        }
      }
    }
  }
`);

const RevokeInvitation = graphql(`
  mutation RevokeInvitation($id: ID!) {
    revokeInvitation(input: { id: $id }) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const AcceptInvitation = graphql(`
  mutation AcceptInvitation($token: String!) {
    acceptInvitation(input: { token: $token }) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const DeleteRoom = graphql(`
  mutation DeleteRoom($id: ID!) {
    deleteChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const Room = graphql(`
  query Room($id: ID!) {
    chat(id: $id) {
      id
      title
      topic
      viewerRole
      viewerCan
      memberCount
      members(first: 100) {
        nodes {
          role
          person {
            id
            name
            handle
          }
        }
      }
      invitations {
        id
      }
      messages(last: 100) {
        nodes {
          id
          seq
          role
          content
          isDeleted
          author {
            name
          }
          deletedBy {
            name
          }
          event {
            kind
            text
            people {
              name
            }
          }
        }
      }
    }
  }
`);

const Unread = graphql(`
  query Unread($id: ID!) {
    chat(id: $id) {
      unreadCount
    }
  }
`);

const MarkRead = graphql(`
  mutation MarkRead($input: MarkReadInput!) {
    markRead(input: $input) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const InvitationById = graphql(`
  query InvitationById($id: ID!) {
    node(id: $id) {
      id
    }
  }
`);

const MentionsOf = graphql(`
  query MentionsOf($id: ID!) {
    node(id: $id) {
      __typename
      ... on Message {
        mentions {
          name
        }
      }
    }
  }
`);

const Preview = graphql(`
  query Preview($token: String!) {
    invitation(token: $token) {
      invitedBy
      room {
        chatId
        title
        memberCount
        isMember
      }
    }
  }
`);

const OpenRooms = graphql(`
  query OpenRooms($search: String) {
    openRooms(search: $search) {
      nodes {
        chatId
        isMember
      }
    }
  }
`);

const People = graphql(`
  query People($search: String) {
    people(search: $search) {
      id
      name
      handle
      avatarColor
    }
  }
`);

const OwnPerson = graphql(`
  query OwnPerson {
    viewer {
      person {
        id
        handle
      }
    }
  }
`);

let owner: Person;
let moderator: Person;
let member: Person;
let outsider: Person;

beforeAll(async () => {
  [owner, moderator, member, outsider] = (await Promise.all(
    (['olga', 'mona', 'mel', 'otto'] as const).map((name) => person(name)),
  )) as [Person, Person, Person, Person];
});

async function idOf(someone: Person): Promise<string> {
  return (await someone.ask(OwnPerson, {})).viewer?.person.id ?? '';
}

/** A room with an owner, a moderator and a member. */
async function makeRoom(more: { title?: string; visibility?: 'OPEN' | 'MEMBERS' } = {}): Promise<string> {
  const personIds = [await idOf(moderator), await idOf(member)];
  const { createRoom } = await owner.ask(CreateRoom, { input: { title: 'The team', personIds, ...more } });
  if (createRoom.__typename !== 'CreateRoomPayload') throw new Error(JSON.stringify(createRoom));
  await owner.ask(SetMemberRole, {
    input: { chatId: createRoom.chat.id, personId: personIds[0] ?? '', role: 'MODERATOR' },
  });
  return createRoom.chat.id;
}

const says = async (someone: Person, chatId: string, content: string) =>
  (await someone.ask(SendMessage, { input: { chatId, content, clientId: crypto.randomUUID() } })).sendMessage;
const see = async (someone: Person, id: string) => (await someone.ask(Room, { id })).chat;
const line = async (someone: Person, id: string) =>
  (await see(someone, id))?.messages.nodes.map(({ author, content, event }) => [
    author?.name,
    event ? `${event.kind} ${event.people.map(({ name }) => name).join('+')}${event.text}`.trim() : content,
  ]);

test('people write in one line that all of them see, and no agent is asked', async () => {
  const id = await makeRoom();
  const sent = await says(owner, id, 'Hello, team.');
  expect(sent).toMatchObject({ __typename: 'SendMessagePayload', runs: [], answers: [] });
  await Promise.all([says(member, id, 'Hi.'), says(moderator, id, 'Hello.'), says(owner, id, 'Well.')]);

  const lines = (await line(member, id))?.slice(1);
  expect(lines?.[0]).toEqual([owner.name, 'Hello, team.']);
  expect(new Set(lines?.slice(1).map(String))).toEqual(
    new Set([`${member.name},Hi.`, `${moderator.name},Hello.`, `${owner.name},Well.`]),
  );
  expect((await line(owner, id))?.slice(1)).toEqual(lines);
  expect(await see(outsider, id)).toBeNull();
  expect(await says(outsider, id, 'May I?')).toMatchObject({ code: 'NOT_FOUND' });
});

test('a person who is added when a room is made sees by whom, and which agents are in it', async () => {
  const { id: agentId } = await db.agent.findFirstOrThrow({ where: { provider: 'ECHO' } });
  const personIds = [await idOf(member), await idOf(owner)];
  const agentIds = [encodeGlobalId('Agent', agentId)];
  const input = { title: 'From the start', history: 'SINCE_JOIN' as const, personIds, agentIds };
  const { createRoom } = await owner.ask(CreateRoom, { input });
  if (createRoom.__typename !== 'CreateRoomPayload') throw new Error(JSON.stringify(createRoom));
  for (const someone of [owner, member])
    expect(await line(someone, createRoom.chat.id)).toEqual([
      [owner.name, `ADDED ${member.name}`],
      [owner.name, 'AGENT_ADDED'],
    ]);
  expect((await member.ask(Unread, { id: createRoom.chat.id })).chat?.unreadCount).toBe(0);
  await says(member, createRoom.chat.id, 'Hello.');
  expect(await line(owner, createRoom.chat.id)).toHaveLength(3);

  const alone = (await owner.ask(CreateRoom, { input: { title: 'Alone' } })).createRoom;
  if (alone.__typename !== 'CreateRoomPayload') throw new Error(JSON.stringify(alone));
  expect(await line(owner, alone.chat.id)).toEqual([]);
});

test('one makes no more rooms in 24 hours than the setting allows, and a request that is sent again does not count', async () => {
  const before = env.ROOMS_PER_USER_A_DAY;
  env.ROOMS_PER_USER_A_DAY = 2;
  onTestFinished(() => void (env.ROOMS_PER_USER_A_DAY = before));
  const maker = await person('maker');
  const make = async (clientId: string) =>
    (await maker.ask(CreateRoom, { input: { title: 'One more', clientId } })).createRoom;
  const clientIds = Array.from({ length: 5 }, () => crypto.randomUUID());
  const made = await Promise.all(clientIds.map(make));
  expect(made.filter(({ __typename }) => __typename === 'CreateRoomPayload')).toHaveLength(2);
  const refused = made.filter((each) => each.__typename !== 'CreateRoomPayload');
  expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['TOO_MANY_ROOMS']));
  const first = clientIds[made.findIndex(({ __typename }) => __typename === 'CreateRoomPayload')] ?? '';
  expect(await make(first)).toMatchObject({ __typename: 'CreateRoomPayload' });

  await db.chat.updateMany({
    where: { createdBy: { email: maker.email } },
    data: { createdAt: new Date(Date.now() - 90_000_000) },
  });
  expect(await make(crypto.randomUUID())).toMatchObject({ __typename: 'CreateRoomPayload' });
});

test('a message is sent to all who watch the room, and the room to those who are added', async () => {
  const id = await makeRoom();
  const told: string[] = [];
  const added = outsider.feeds([]);
  for await (const event of added) {
    told.push(event.__typename);
    if (event.__typename === 'Tick' && told.length === 1)
      await owner.ask(AddMembers, { input: { chatId: id, personIds: [await idOf(outsider)] } });
    if (event.__typename === 'ChatListChange') break;
  }
  expect(told).toContain('ChatListChange');

  const { chat } = await member.ask(Room, { id });
  const revision = (await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', chat?.id ?? '') } })).revision;
  for await (const event of member.feeds([{ id, after: revision }])) {
    if (event.__typename === 'Tick') await says(owner, id, 'News.');
    if (event.__typename === 'ChatChange') break;
  }
});

test('the hints of a change say whose membership began and whose ended, and name no other person', async () => {
  const id = await makeRoom();
  const said: unknown[] = [];
  const stops = (['memberAdded', 'memberGone', 'chatChanged'] as const).map((name) =>
    bus.listen(name, (chatId: string, what: string | number) => {
      if (chatId === rowId('Chat', id)) said.push(typeof what === 'string' ? [name, what] : name);
    }),
  );
  await owner.ask(AddMembers, { input: { chatId: id, personIds: [await idOf(outsider)] } });
  await owner.ask(RemoveMember, { input: { chatId: id, personId: await idOf(outsider) } });
  await says(owner, id, 'Among us.');
  for (const stop of stops) stop();
  const { id: outsiderId } = await db.user.findUniqueOrThrow({ where: { email: outsider.email } });
  expect(said).toEqual([
    ['memberAdded', outsiderId],
    'chatChanged',
    ['memberGone', outsiderId],
    'chatChanged',
    'chatChanged',
  ]);
});

test('a removed member sees the room no longer, receives that by the feed, and reads nothing new', async () => {
  const id = await makeRoom();
  const { revision } = await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', id) } });
  const personId = await idOf(member);
  let isTold = false;
  for await (const event of member.feeds([{ id, after: revision }])) {
    if (event.__typename === 'Tick') await moderator.ask(RemoveMember, { input: { chatId: id, personId } });
    isTold = event.__typename === 'ChatGone';
    if (isTold) break;
  }
  expect(isTold).toBe(true);
  expect(await see(member, id)).toBeNull();
  expect(await says(member, id, 'Still here?')).toMatchObject({ code: 'NOT_FOUND' });
  expect((await line(owner, id))?.at(-1)).toEqual([moderator.name, `REMOVED ${member.name}`]);

  await owner.ask(AddMembers, { input: { chatId: id, personIds: [personId] } });
  expect((await see(member, id))?.viewerRole).toBe('MEMBER');
});

describe('who may do what', () => {
  type Role = MemberRole | 'OUTSIDER';
  const everybody: Role[] = ['OWNER', 'MODERATOR', 'MEMBER', 'OUTSIDER'];
  const personOf = (role: Role) => ({ OWNER: owner, MODERATOR: moderator, MEMBER: member, OUTSIDER: outsider })[role];

  interface Deed {
    /** Who may. */
    allowed: Role[];
    /** What the other members are told. Left out: one of what stands in the way of a role. */
    refusal?: string;
    /** The code of what came back; undefined: it was done. */
    run: (someone: Person, id: string) => Promise<string | undefined>;
  }

  const codeOf = (outcome: { __typename?: string; code?: string }) => outcome.code;

  const deeds: Record<string, Deed> = {
    post: {
      allowed: ['OWNER', 'MODERATOR', 'MEMBER'],
      run: async (someone, id) => codeOf(await says(someone, id, 'x')),
    },
    rename: {
      allowed: ['OWNER', 'MODERATOR'],
      run: async (someone, id) => codeOf((await someone.ask(UpdateRoom, { input: { id, title: 'New' } })).updateRoom),
    },
    'change the topic': {
      allowed: ['OWNER', 'MODERATOR'],
      run: async (someone, id) => codeOf((await someone.ask(UpdateRoom, { input: { id, topic: 'T' } })).updateRoom),
    },
    'open it to everybody': {
      allowed: ['OWNER'],
      run: async (someone, id) =>
        codeOf((await someone.ask(UpdateRoom, { input: { id, visibility: 'OPEN' } })).updateRoom),
    },
    'let every member invite': {
      allowed: ['OWNER'],
      run: async (someone, id) =>
        codeOf((await someone.ask(UpdateRoom, { input: { id, membersMayInvite: true } })).updateRoom),
    },
    'show newcomers less': {
      allowed: ['OWNER'],
      run: async (someone, id) =>
        codeOf((await someone.ask(UpdateRoom, { input: { id, history: 'SINCE_JOIN' } })).updateRoom),
    },
    close: {
      allowed: ['OWNER'],
      run: async (someone, id) => codeOf((await someone.ask(UpdateRoom, { input: { id, isClosed: true } })).updateRoom),
    },
    reopen: {
      allowed: ['OWNER'],
      refusal: 'ROOM_CLOSED',
      run: async (someone, id) => {
        await owner.ask(UpdateRoom, { input: { id, isClosed: true } });
        return codeOf((await someone.ask(UpdateRoom, { input: { id, isClosed: false } })).updateRoom);
      },
    },
    invite: {
      allowed: ['OWNER', 'MODERATOR'],
      run: async (someone, id) =>
        codeOf((await someone.ask(CreateInvitation, { input: { chatId: id } })).createInvitation),
    },
    add: {
      allowed: ['OWNER', 'MODERATOR'],
      run: async (someone, id) =>
        codeOf(
          (await someone.ask(AddMembers, { input: { chatId: id, personIds: [await idOf(await person('newcomer'))] } }))
            .addMembers,
        ),
    },
    'remove a member': {
      allowed: ['OWNER', 'MODERATOR'],
      run: async (someone, id) => {
        const other = await idOf(await person('removable'));
        await owner.ask(AddMembers, { input: { chatId: id, personIds: [other] } });
        return codeOf((await someone.ask(RemoveMember, { input: { chatId: id, personId: other } })).removeMember);
      },
    },
    'remove an owner': {
      allowed: [],
      run: async (someone, id) =>
        codeOf((await someone.ask(RemoveMember, { input: { chatId: id, personId: await idOf(owner) } })).removeMember),
    },
    'give a role': {
      allowed: ['OWNER'],
      run: async (someone, id) =>
        codeOf(
          (
            await someone.ask(SetMemberRole, {
              input: { chatId: id, personId: await idOf(member), role: 'MODERATOR' },
            })
          ).setMemberRole,
        ),
    },
    'delete another’s message': {
      allowed: ['OWNER', 'MODERATOR'],
      run: async (someone, id) => {
        const other = await person('writer');
        await owner.ask(AddMembers, { input: { chatId: id, personIds: [await idOf(other)] } });
        const sent = await says(other, id, 'Words.');
        if (sent.__typename !== 'SendMessagePayload') throw new Error(JSON.stringify(sent));
        return codeOf((await someone.ask(DeleteMessage, { id: sent.message.id })).deleteMessage);
      },
    },
    'edit their own message': {
      allowed: ['OWNER', 'MODERATOR', 'MEMBER'],
      run: async (someone, id) => {
        const sent = await says(someone, id, 'Words.');
        if (sent.__typename !== 'SendMessagePayload') return codeOf(sent);
        return codeOf((await someone.ask(EditMessage, { input: { id: sent.message.id, content: 'x' } })).editMessage);
      },
    },
    'delete their own message': {
      allowed: ['OWNER', 'MODERATOR', 'MEMBER'],
      run: async (someone, id) => {
        const sent = await says(someone, id, 'Words.');
        if (sent.__typename !== 'SendMessagePayload') return codeOf(sent);
        return codeOf((await someone.ask(DeleteMessage, { id: sent.message.id })).deleteMessage);
      },
    },
    'mention the room': {
      allowed: ['OWNER', 'MODERATOR'],
      refusal: 'NOT_MENTIONED',
      // Whoever may not has written the word and mentioned nobody.
      run: async (someone, id) => {
        const sent = await says(someone, id, 'Dear @room!');
        if (sent.__typename !== 'SendMessagePayload') return codeOf(sent);
        const { node } = await someone.ask(MentionsOf, { id: sent.message.id });
        return node?.__typename === 'Message' && node.mentions.length > 0 ? undefined : 'NOT_MENTIONED';
      },
    },
    'edit another’s message': {
      allowed: [],
      run: async (someone, id) => {
        const other = await person('writer');
        await owner.ask(AddMembers, { input: { chatId: id, personIds: [await idOf(other)] } });
        const sent = await says(other, id, 'Words.');
        if (sent.__typename !== 'SendMessagePayload') throw new Error(JSON.stringify(sent));
        return codeOf((await someone.ask(EditMessage, { input: { id: sent.message.id, content: 'x' } })).editMessage);
      },
    },
    'delete the room': {
      allowed: ['OWNER'],
      run: async (someone, id) => codeOf((await someone.ask(DeleteRoom, { id })).deleteChat),
    },
    'restore the room': {
      allowed: ['OWNER'],
      refusal: 'CHAT_DELETED',
      run: async (someone, id) => {
        await owner.ask(DeleteRoom, { id });
        return codeOf((await someone.ask(RestoreChat, { id })).restoreChat);
      },
    },
    leave: {
      allowed: ['MODERATOR', 'MEMBER'],
      run: async (someone, id) => codeOf((await someone.ask(LeaveRoom, { id })).leaveRoom),
    },
  };

  test.each(Object.entries(deeds).flatMap(([name, deed]) => everybody.map((role) => [name, role, deed] as const)))(
    '%s, as %s',
    async (_name, role, { allowed, refusal, run }) => {
      const id = await makeRoom();
      const code = await run(personOf(role), id);
      if (allowed.includes(role)) expect(code).toBeUndefined();
      else if (role === 'OUTSIDER') expect(code).toBe('NOT_FOUND');
      else if (refusal) expect(code).toBe(refusal);
      else expect(code).toMatch(/^(ROLE_TOO_LOW|OWNER_PROTECTED|NOT_THE_AUTHOR|LAST_OWNER)$/);
    },
  );

  test('a deleted room is deleted once: whoever tries again, its owner too, changes nothing', async () => {
    const id = await makeRoom();
    await owner.ask(DeleteRoom, { id });
    const row = () => db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', id) } });
    const before = await row();
    expect(before.deletedAt).not.toBeNull();
    for (const someone of [member, moderator, owner])
      expect((await someone.ask(DeleteRoom, { id })).deleteChat).toMatchObject({ __typename: 'DeleteChatPayload' });
    expect((await outsider.ask(DeleteRoom, { id })).deleteChat).toMatchObject({ code: 'NOT_FOUND' });
    expect(await row()).toEqual(before);
  });

  test('what a moderator deleted says who did', async () => {
    const id = await makeRoom();
    const sent = await says(member, id, 'Rude words.');
    if (sent.__typename !== 'SendMessagePayload') throw new Error(JSON.stringify(sent));
    await moderator.ask(DeleteMessage, { id: sent.message.id });
    const message = (await see(member, id))?.messages.nodes.at(-1);
    expect(message).toMatchObject({ isDeleted: true, content: '', deletedBy: { name: moderator.name } });
  });

  test('a closed room is read-only for all, and its owner opens it again', async () => {
    const id = await makeRoom();
    await owner.ask(UpdateRoom, { input: { id, isClosed: true } });
    expect(await says(member, id, 'x')).toMatchObject({ code: 'ROOM_CLOSED' });
    expect(await says(owner, id, 'x')).toMatchObject({ code: 'ROOM_CLOSED' });
    expect((await see(member, id))?.viewerCan).toEqual(['DELETE_OWN', 'ARCHIVE', 'LEAVE']);
    await owner.ask(UpdateRoom, { input: { id, isClosed: false } });
    expect(await says(member, id, 'x')).toMatchObject({ __typename: 'SendMessagePayload' });
    expect((await line(member, id))?.slice(1).map(([, what]) => what)).toEqual(['CLOSED', 'REOPENED', 'x']);
  });

  test('in a closed room authors delete their own, moderators and owners all, and editing is refused', async () => {
    const id = await makeRoom();
    const sent = [];
    for (let count = 0; count < 5; count += 1) {
      const outcome = await says(member, id, `Words ${count}.`);
      if (outcome.__typename !== 'SendMessagePayload') throw new Error(JSON.stringify(outcome));
      sent.push(outcome.message.id);
    }
    const ofOwner = await says(owner, id, 'Mine.');
    await owner.ask(UpdateRoom, { input: { id, isClosed: true } });
    const deletes = async (someone: Person, messageId = '') =>
      (await someone.ask(DeleteMessage, { id: messageId })).deleteMessage;
    const edited = await member.ask(EditMessage, { input: { id: sent[0] ?? '', content: 'x' } });
    expect(edited.editMessage).toMatchObject({ code: 'ROOM_CLOSED' });
    for (const [index, someone] of [member, moderator, owner].entries())
      expect(await deletes(someone, sent[index])).toMatchObject({ __typename: 'DeleteMessagePayload' });
    const theirs = ofOwner.__typename === 'SendMessagePayload' ? ofOwner.message.id : '';
    expect(await deletes(member, theirs)).toMatchObject({ code: 'NOT_THE_AUTHOR' });
    expect((await see(member, id))?.messages.nodes.filter(({ isDeleted }) => isDeleted)).toHaveLength(3);
  });

  test('a room has no branches', async () => {
    const id = await makeRoom();
    const sent = await says(member, id, 'First.');
    if (sent.__typename !== 'SendMessagePayload') throw new Error(JSON.stringify(sent));
    const clientId = crypto.randomUUID();
    const refusal = { code: 'ROOM_IS_ONE_LINE' };
    expect(
      (await member.ask(SendMessage, { input: { chatId: id, content: 'x', clientId, parentId: null } })).sendMessage,
    ).toMatchObject(refusal);
    expect((await member.ask(SelectBranch, { input: { messageId: sent.message.id } })).selectBranch).toMatchObject(
      refusal,
    );
  });
});

describe('owners', () => {
  test('the last one names another before they leave, and may then step down', async () => {
    const id = await makeRoom();
    expect((await owner.ask(LeaveRoom, { id })).leaveRoom).toMatchObject({ code: 'LAST_OWNER' });
    await owner.ask(SetMemberRole, { input: { chatId: id, personId: await idOf(member), role: 'OWNER' } });
    expect((await owner.ask(LeaveRoom, { id })).leaveRoom).toMatchObject({ __typename: 'LeaveRoomPayload' });
    expect((await see(member, id))?.members.nodes.map(({ role }) => role).toSorted()).toEqual(['MODERATOR', 'OWNER']);
  });

  test('a disabled account is no owner that lets the last one go, where others can sign in', async () => {
    const id = await makeRoom();
    await owner.ask(SetMemberRole, { input: { chatId: id, personId: await idOf(member), role: 'OWNER' } });
    const disable = (at: Date | null) => db.user.update({ where: { email: member.email }, data: { disabledAt: at } });
    await disable(new Date());
    onTestFinished(async () => void (await disable(null)));
    expect((await owner.ask(LeaveRoom, { id })).leaveRoom).toMatchObject({ code: 'LAST_OWNER' });
    const stepDown = { chatId: id, personId: await idOf(owner), role: 'MEMBER' } as const;
    expect((await owner.ask(SetMemberRole, { input: stepDown })).setMemberRole).toMatchObject({ code: 'LAST_OWNER' });
    await disable(null);
    expect((await owner.ask(LeaveRoom, { id })).leaveRoom).toMatchObject({ __typename: 'LeaveRoomPayload' });
  });

  test('a service agent is no owner that lets the last person go, where there are others', async () => {
    const id = await makeRoom();
    const robot = await serviceAgent(owner);
    await does(owner, 'addMembers', { chatId: id, personIds: [robot.personId] });
    await does(owner, 'setMemberRole', { chatId: id, personId: robot.personId, role: 'OWNER' });
    expect((await owner.ask(LeaveRoom, { id })).leaveRoom).toMatchObject({ code: 'LAST_OWNER' });
    const stepDown = { chatId: id, personId: await idOf(owner), role: 'MEMBER' } as const;
    expect((await owner.ask(SetMemberRole, { input: stepDown })).setMemberRole).toMatchObject({ code: 'LAST_OWNER' });
  });

  test('of two who step down at once, one stays', async () => {
    const id = await makeRoom();
    await owner.ask(SetMemberRole, { input: { chatId: id, personId: await idOf(member), role: 'OWNER' } });
    const stepsDown = async (someone: Person) =>
      (await someone.ask(SetMemberRole, { input: { chatId: id, personId: await idOf(someone), role: 'MEMBER' } }))
        .setMemberRole;
    await Promise.all([stepsDown(owner), stepsDown(member)]);
    const roles = (await see(moderator, id))?.members.nodes.map(({ role }) => role);
    expect(roles?.filter((role) => role === 'OWNER')).toHaveLength(1);
  });

  test('whose account is deleted hand the room on, and it stays', async () => {
    const founder = await person('founder');
    const personIds = [await idOf(member), await idOf(moderator)];
    const { createRoom } = await founder.ask(CreateRoom, { input: { title: 'Left behind', personIds } });
    if (createRoom.__typename !== 'CreateRoomPayload') throw new Error(JSON.stringify(createRoom));
    const { id } = createRoom.chat;
    await founder.ask(SetMemberRole, { input: { chatId: id, personId: personIds[1] ?? '', role: 'MODERATOR' } });
    await says(founder, id, 'Remember me.');
    await db.$executeRaw`DELETE FROM "user" WHERE email = ${founder.email}`;

    expect((await see(moderator, id))?.viewerRole).toBe('OWNER');
    expect((await see(member, id))?.viewerRole).toBe('MEMBER');
    expect((await line(member, id))?.at(-1)).toEqual([undefined, 'Remember me.']);
  });

  test('the very last member takes the room along', async () => {
    const { createRoom } = await owner.ask(CreateRoom, { input: { title: 'Alone' } });
    if (createRoom.__typename !== 'CreateRoomPayload') throw new Error(JSON.stringify(createRoom));
    await owner.ask(LeaveRoom, { id: createRoom.chat.id });
    const row = await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', createRoom.chat.id) } });
    expect(row.deletedAt).not.toBeNull();
  });
});

describe('ways in', () => {
  const invite = async (id: string, maxUses = 20, by = owner) => {
    const { createInvitation } = await by.ask(CreateInvitation, { input: { chatId: id, maxUses } });
    if (createInvitation.__typename !== 'CreateInvitationPayload') throw new Error(JSON.stringify(createInvitation));
    return createInvitation;
  };
  const accept = async (someone: Person, token: string) =>
    (await someone.ask(AcceptInvitation, { token })).acceptInvitation;

  test('an open room is found and joined by everybody, another by no one', async () => {
    const newcomer = await person('browser');
    const open = await makeRoom({ title: 'Open house', visibility: 'OPEN' });
    const closed = await makeRoom({ title: 'Open only to few' });
    const { openRooms } = await newcomer.ask(OpenRooms, { search: 'open' });
    expect(openRooms.nodes.map(({ chatId }) => chatId)).toContain(open);
    expect(openRooms.nodes.map(({ chatId }) => chatId)).not.toContain(closed);
    expect((await newcomer.ask(JoinRoom, { id: closed })).joinRoom).toMatchObject({ code: 'NOT_FOUND' });
    for (let times = 0; times < 2; times += 1)
      expect((await newcomer.ask(JoinRoom, { id: open })).joinRoom).toMatchObject({ __typename: 'JoinRoomPayload' });
    expect((await line(newcomer, open))?.slice(1).map(([, what]) => what)).toEqual([`JOINED ${newcomer.name}`]);
  });

  test('of 20 people at once, a link for 10 lets in 10', async () => {
    const id = await makeRoom();
    const { token } = await invite(id, 10);
    const crowd = await Promise.all(Array.from({ length: 20 }, (_, index) => person(`crowd${index}`)));
    const outcomes = await Promise.all(crowd.map((someone) => accept(someone, token)));
    expect(outcomes.filter(({ __typename }) => __typename === 'AcceptInvitationPayload')).toHaveLength(10);
    expect((await see(owner, id))?.memberCount).toBe(13);
    // A member who opens the link again is there already.
    const inside = crowd[outcomes.findIndex(({ __typename }) => __typename === 'AcceptInvitationPayload')];
    expect(await accept(inside ?? owner, token)).toMatchObject({ __typename: 'AcceptInvitationPayload' });
    expect(await db.invitation.findMany({ where: { chatId: rowId('Chat', id) } })).toMatchObject([{ uses: 10 }]);
  });

  test('one answer for a link that is unknown, revoked, used up or too old, and the token is stored nowhere', async () => {
    const id = await makeRoom();
    const [revoked, old, spent] = [await invite(id), await invite(id), await invite(id, 1)];
    expect((await outsider.ask(Preview, { token: revoked.token })).invitation).toEqual({
      invitedBy: owner.name,
      room: { chatId: id, title: 'The team', memberCount: 3, isMember: false },
    });
    await owner.ask(RevokeInvitation, { id: revoked.invitation.id });
    await db.invitation.update({
      where: { id: rowId('Invitation', old.invitation.id) },
      data: { expiresAt: new Date(0) },
    });
    await accept(await person('first-in'), spent.token);
    const lateComer = await person('late-comer');
    for (const token of [revoked.token, old.token, spent.token, 'x'.repeat(27), '']) {
      expect(await accept(lateComer, token)).toMatchObject({ code: 'NOT_FOUND' });
      expect((await lateComer.ask(Preview, { token })).invitation).toBeNull();
    }
    const rows = JSON.stringify(await db.invitation.findMany());
    for (const { token } of [revoked, old, spent]) expect(rows).not.toContain(token);
    expect((await see(member, id))?.invitations).toEqual([]);
  });

  test('links of members end when members may invite no longer, those of moderators and owners stay', async () => {
    const id = await makeRoom();
    await owner.ask(UpdateRoom, { input: { id, membersMayInvite: true } });
    const [ofMember, ofModerator, ofOwner] = [
      await invite(id, 20, member),
      await invite(id, 20, moderator),
      await invite(id),
    ];
    await owner.ask(UpdateRoom, { input: { id, membersMayInvite: false } });
    const newcomer = await person('late-guest');
    expect(await accept(newcomer, ofMember.token)).toMatchObject({ code: 'NOT_FOUND' });
    for (const { token } of [ofModerator, ofOwner])
      expect((await newcomer.ask(Preview, { token })).invitation).not.toBeNull();
    expect(await accept(newcomer, ofModerator.token)).toMatchObject({ __typename: 'AcceptInvitationPayload' });
  });

  test.each(['deleted', 'disabled'])('links of a person whose account is %s end with it', async (what) => {
    const inviter = await person('inviter');
    const id = await makeRoom();
    const personId = await idOf(inviter);
    await owner.ask(AddMembers, { input: { chatId: id, personIds: [personId] } });
    await owner.ask(SetMemberRole, { input: { chatId: id, personId, role: 'MODERATOR' } });
    const [theirs, others] = [await invite(id, 20, inviter), await invite(id)];
    expect((await outsider.ask(Preview, { token: theirs.token })).invitation).not.toBeNull();
    const { id: administratorId } = await db.user.findFirstOrThrow({ where: { role: 'ADMIN' } });
    const administrator: Viewer = { id: administratorId, role: 'ADMIN', credential: { kind: 'SESSION', id: '' } };
    const rowOfInviter = rowId('Person', personId);
    if (what === 'deleted') await deletePerson(administrator, rowOfInviter, 'KEEP');
    else await disablePerson(administrator, rowOfInviter);
    const newcomer = await person('late-guest');
    expect(await accept(newcomer, theirs.token)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await accept(newcomer, others.token)).toMatchObject({ __typename: 'AcceptInvitationPayload' });
  });

  test('members who may invite see and revoke their own links alone, and have five at most', async () => {
    const id = await makeRoom();
    await owner.ask(UpdateRoom, { input: { id, membersMayInvite: true } });
    const [ofOwner, own] = [await invite(id), await invite(id, 20, member)];
    const seenBy = async (someone: Person) => (await see(someone, id))?.invitations.map((each) => each.id).toSorted();
    expect(await seenBy(member)).toEqual([own.invitation.id]);
    for (const someone of [owner, moderator])
      expect(await seenBy(someone)).toEqual([ofOwner.invitation.id, own.invitation.id].toSorted());
    const isFound = async (someone: Person, invitationId: string) =>
      (await someone.ask(InvitationById, { id: invitationId })).node !== null;
    expect(await isFound(member, ofOwner.invitation.id)).toBe(false);
    expect([await isFound(member, own.invitation.id), await isFound(moderator, own.invitation.id)]).toEqual([
      true,
      true,
    ]);

    const revoke = async (someone: Person, invitationId: string) =>
      (await someone.ask(RevokeInvitation, { id: invitationId })).revokeInvitation;
    expect(await revoke(member, ofOwner.invitation.id)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await seenBy(owner)).toHaveLength(2);

    for (let count = 1; count < 5; count += 1) await invite(id, 20, member);
    const more = async (someone: Person) =>
      (await someone.ask(CreateInvitation, { input: { chatId: id } })).createInvitation;
    expect(await more(member)).toMatchObject({ code: 'TOO_MANY_INVITATIONS' });
    expect(await more(moderator)).toMatchObject({ __typename: 'CreateInvitationPayload' });
    expect(await revoke(member, own.invitation.id)).toMatchObject({ __typename: 'RevokeInvitationPayload' });
    expect(await more(member)).toMatchObject({ __typename: 'CreateInvitationPayload' });
  });

  test('one joins and leaves a room ten times in an hour at most, and may leave always', async () => {
    const restless = await person('restless');
    const id = await makeRoom({ visibility: 'OPEN' });
    const joins = async () => (await restless.ask(JoinRoom, { id })).joinRoom;
    const { token } = await invite(id);
    for (let times = 0; times < 10; times += 1) {
      expect(await joins()).toMatchObject({ __typename: 'JoinRoomPayload' });
      expect((await restless.ask(LeaveRoom, { id })).leaveRoom).toMatchObject({ __typename: 'LeaveRoomPayload' });
    }
    expect(await joins()).toMatchObject({ code: 'TOO_MANY_JOINS' });
    expect(await accept(restless, token)).toMatchObject({ code: 'TOO_MANY_JOINS' });
    const elsewhere = await makeRoom({ visibility: 'OPEN' });
    expect((await restless.ask(JoinRoom, { id: elsewhere })).joinRoom).toMatchObject({ __typename: 'JoinRoomPayload' });
    await db.$executeRaw`
      UPDATE message SET created_at = created_at - interval '61 minutes' WHERE chat_id = ${rowId('Chat', id)}::uuid`;
    expect(await joins()).toMatchObject({ __typename: 'JoinRoomPayload' });
  });

  test('a person removed for good comes back by a moderator alone', async () => {
    const banned = await person('banned');
    const id = await makeRoom({ visibility: 'OPEN' });
    await banned.ask(JoinRoom, { id });
    const personId = await idOf(banned);
    await owner.ask(RemoveMember, { input: { chatId: id, personId, ban: true } });
    expect((await banned.ask(JoinRoom, { id })).joinRoom).toMatchObject({ code: 'BANNED' });
    expect(await accept(banned, (await invite(id)).token)).toMatchObject({ code: 'BANNED' });
    await moderator.ask(AddMembers, { input: { chatId: id, personIds: [personId] } });
    expect(await says(banned, id, 'Thank you.')).toMatchObject({ __typename: 'SendMessagePayload' });
  });
});

describe('people', () => {
  test('have a handle that is made from their name, and are found by both', async () => {
    const anna = await person('Анна Каренина', { email: 'anna.karenina@example.org' });
    const { people } = await outsider.ask(People, { search: 'анна' });
    expect(people).toEqual([
      {
        id: await idOf(anna),
        name: 'Анна Каренина',
        handle: 'anna.karenina',
        avatarColor: expect.stringMatching(/^#/),
      },
    ]);
    expect((await outsider.ask(People, { search: '@anna.kar' })).people).toHaveLength(1);
    expect(JSON.stringify(people)).not.toContain(anna.email);
  });

  test('of one name have different handles', async () => {
    const people = await Promise.all(
      ['one', 'two'].map((each) => person('Same Name', { email: `same.${each}@example.org` })),
    );
    const handles = await Promise.all(
      people.map(async (each) => (await each.ask(OwnPerson, {})).viewer?.person.handle),
    );
    expect(new Set(handles).size).toBe(2);
    expect(handles).toContain('same.name');
  });
});

describe('unread messages', () => {
  const unread = async (someone: Person, id: string) => (await someone.ask(Unread, { id })).chat?.unreadCount;
  const marks = async (someone: Person, chatId: string, seq: number) =>
    (await someone.ask(MarkRead, { input: { chatId, seq } })).markRead;

  test('are those of others since one read last; what is deleted or only happened does not count', async () => {
    const id = await makeRoom();
    const sent = [];
    for (const content of ['one', 'two', 'three']) sent.push(await says(owner, id, content));
    await says(member, id, 'four');
    await owner.ask(UpdateRoom, { input: { id, topic: 'News' } });
    expect([await unread(owner, id), await unread(member, id), await unread(moderator, id)]).toEqual([1, 3, 4]);

    const [first, second] = sent.map((each) => (each.__typename === 'SendMessagePayload' ? each.message : null));
    await marks(member, id, first?.seq ?? 0);
    expect(await unread(member, id)).toBe(2);
    await owner.ask(DeleteMessage, { id: second?.id ?? '' });
    expect(await unread(member, id)).toBe(1);
    // Only forward, and not beyond what has been said.
    await marks(member, id, 2 ** 31 - 1);
    await marks(member, id, 0);
    expect(await unread(member, id)).toBe(0);
    await says(owner, id, 'five');
    expect(await unread(member, id)).toBe(1);
    expect(await marks(outsider, id, 1)).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('are counted no further than 100, and an added member begins with none', async () => {
    const id = await makeRoom();
    const chatId = rowId('Chat', id);
    const { id: authorId } = await db.user.findUniqueOrThrow({ where: { email: owner.email } });
    const { revision } = await db.chat.findUniqueOrThrow({ where: { id: chatId } });
    await db.message.createMany({
      data: Array.from({ length: 150 }, (_, index) => ({
        chatId,
        seq: revision + 1 + index,
        revision: revision + 1 + index,
        role: 'USER' as const,
        authorId,
        content: 'x',
      })),
    });
    await db.chat.update({ where: { id: chatId }, data: { revision: revision + 150 } });
    expect(await unread(member, id)).toBe(100);
    const late = await person('late');
    await owner.ask(AddMembers, { input: { chatId: id, personIds: [await idOf(late)] } });
    expect(await unread(late, id)).toBe(0);
  });

  test.each([false, true])('are fewer in the person’s other tabs at once; watched there: %s', async (isWatched) => {
    const id = await makeRoom();
    const sent = await says(owner, id, 'Read me.');
    const seq = sent.__typename === 'SendMessagePayload' ? sent.message.seq : 0;
    const { revision } = await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', id) } });
    let ticks = 0;
    let isTold = false;
    for await (const event of member.feeds(isWatched ? [{ id, after: revision }] : [])) {
      if (event.__typename === 'Tick' && ++ticks === 1) await marks(member, id, seq);
      isTold = event.__typename === 'ChatListChange' && event.chat.id === id;
      if (isTold || ticks > 1) break;
    }
    expect(isTold).toBe(true);
  });
});

describe('a former member learns nothing of a room by what they sent before', () => {
  const All = graphql(`
    mutation SendAgain($input: SendMessageInput!) {
      sendMessage(input: $input) {
        __typename
        ... on Error {
          code
        }
        ... on SendMessagePayload {
          chat {
            id
          }
          message {
            content
          }
        }
      }
    }
  `);

  test('the same clientId in another chat is refused', async () => {
    const id = await makeRoom();
    const clientId = crypto.randomUUID();
    await member.ask(SendMessage, { input: { chatId: id, content: 'Mine.', clientId } });
    const own = await member.createsChat();
    await owner.ask(RemoveMember, { input: { chatId: id, personId: await idOf(member), ban: true } });
    for (const chatId of [own.id, id])
      expect((await member.ask(All, { input: { chatId, content: 'Mine.', clientId } })).sendMessage).toEqual({
        __typename: 'NotFoundError',
        code: 'NOT_FOUND',
      });
  });

  test('a person who made a room and left it does not get it back by the same request', async () => {
    const clientId = crypto.randomUUID();
    const make = async () => (await owner.ask(CreateRoom, { input: { title: 'Left', clientId } })).createRoom;
    const made = await make();
    if (made.__typename !== 'CreateRoomPayload') throw new Error(JSON.stringify(made));
    expect(await make()).toEqual(made);
    await owner.ask(AddMembers, { input: { chatId: made.chat.id, personIds: [await idOf(member)] } });
    await owner.ask(SetMemberRole, {
      input: { chatId: made.chat.id, personId: await idOf(member), role: 'OWNER' },
    });
    await owner.ask(LeaveRoom, { id: made.chat.id });
    expect(await make()).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('their links end with them, and they can be kept out after they left', async () => {
    const id = await makeRoom({ visibility: 'OPEN' });
    const personId = await idOf(moderator);
    const link = (await moderator.ask(CreateInvitation, { input: { chatId: id } })).createInvitation;
    if (link.__typename !== 'CreateInvitationPayload') throw new Error(JSON.stringify(link));
    await moderator.ask(LeaveRoom, { id });
    expect((await outsider.ask(AcceptInvitation, { token: link.token })).acceptInvitation).toMatchObject({
      code: 'NOT_FOUND',
    });
    await owner.ask(RemoveMember, { input: { chatId: id, personId, ban: true } });
    expect((await moderator.ask(JoinRoom, { id })).joinRoom).toMatchObject({ code: 'BANNED' });
  });
});

test('a private chat is not changed as if it were a room, and says so', async () => {
  const { id } = await owner.createsChat('Mine');
  expect((await owner.ask(UpdateRoom, { input: { id, title: 'New' } })).updateRoom).toMatchObject({
    code: 'NOT_A_ROOM',
  });
  expect((await outsider.ask(UpdateRoom, { input: { id, title: 'New' } })).updateRoom).toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a room is not changed as if it were a private chat', async () => {
  const id = await makeRoom();
  expect((await owner.ask(UpdateChat, { input: { id, title: 'Renamed' } })).updateChat).toMatchObject({
    code: 'IS_A_ROOM',
  });
});

test('a deleted message has no mentions', async () => {
  const id = await makeRoom();
  const handle = (await member.ask(OwnPerson, {})).viewer?.person.handle ?? '';
  const sent = await says(owner, id, `Hello @${handle}.`);
  if (sent.__typename !== 'SendMessagePayload') throw new Error(JSON.stringify(sent));
  const mentions = async () => {
    const { node } = await member.ask(MentionsOf, { id: sent.message.id });
    return node?.__typename === 'Message' ? node.mentions.map(({ name }) => name) : null;
  };
  expect(await mentions()).toEqual([handle]);
  await owner.ask(DeleteMessage, { id: sent.message.id });
  expect(await mentions()).toEqual([]);
});

test('no one may edit an event, and a pin is sent to no other person', async () => {
  const id = await makeRoom();
  await owner.ask(UpdateRoom, { input: { id, topic: 'A topic' } });
  const event = (await see(owner, id))?.messages.nodes.at(-1);
  expect((await owner.ask(EditMessage, { input: { id: event?.id ?? '', content: 'x' } })).editMessage).toMatchObject({
    code: 'NOT_FOUND',
  });
  const revision = async () => (await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', id) } })).revision;
  const before = await revision();
  await member.ask(PinChat, { id });
  expect(await revision()).toBe(before);
});
