/**
 * Everybody who may or may not have to do with a room, with every field that leads to it and every mutation of the schema. Made from the
 * schema: a field that is new is tried by itself, and a mutation that is new needs a row in `verdicts`.
 */
import { createHash } from 'node:crypto';

import { getNamedType, type GraphQLField, isLeafType, isObjectType } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import type { ErrorCode } from '../errors.ts';
import type { RoomVisibility } from '../generated/prisma/client.ts';
import { schema } from '../graphql/schema.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person, stranger } from '../testing/person.ts';
import { inputType, madeUpThings, mutationNames, soundArguments, soundInput, type Things } from '../testing/samples.ts';

useConfab();

/** A newcomer is a member since all of it was said, of a room that shows what is said since one joined. */
const principals = ['OWNER', 'MODERATOR', 'MEMBER', 'NEWCOMER', 'FORMER', 'BANNED', 'OUTSIDER', 'SIGNED_OUT'] as const;
type Principal = (typeof principals)[number];

const isMember = (principal: Principal) => ['OWNER', 'MODERATOR', 'MEMBER', 'NEWCOMER'].includes(principal);
const isLongMember = (principal: Principal) => isMember(principal) && principal !== 'NEWCOMER';

let people: Record<Principal, Person>;
let ids: Record<Exclude<Principal, 'SIGNED_OUT'> | 'TARGET', string>;

beforeAll(async () => {
  const names = ['OWNER', 'MODERATOR', 'MEMBER', 'NEWCOMER', 'FORMER', 'BANNED', 'OUTSIDER', 'TARGET'] as const;
  // Not the first one, who is the administrator: that is to make no difference, and is tried below.
  await person('administrator');
  const signedUp = await Promise.all(names.map(async (name) => [name, await person(name.toLowerCase())] as const));
  people = { ...(Object.fromEntries(signedUp) as Record<Principal, Person>), SIGNED_OUT: stranger() };
  const rows = await db.user.findMany();
  ids = Object.fromEntries(
    signedUp.map(([name, { email }]) => [name, rows.find((row) => row.email === email)?.id ?? '']),
  ) as typeof ids;
});

interface RoomState {
  visibility?: RoomVisibility;
  isDeleted?: boolean;
}

/** A room with all of them, in which the owner asked and an agent answered. Past the API, since each attempt has one of its own. */
async function makeRoom({ visibility = 'MEMBERS', isDeleted = false }: RoomState = {}): Promise<Things> {
  const token = crypto.randomUUID();
  const left = { leftAt: new Date() };
  const agent = await db.agent.findFirstOrThrow({ where: { provider: 'ECHO' } });
  const chat = await db.chat.create({
    data: {
      kind: 'ROOM',
      visibility,
      history: 'SINCE_JOIN',
      title: 'Secret title',
      topic: 'Secret topic',
      titleSource: 'PERSON',
      deletedAt: isDeleted ? new Date() : null,
      createdById: ids.OWNER,
      revision: 10,
      lastMessageAt: new Date(),
      roomAgents: { create: { agentId: agent.id } },
      members: {
        create: [
          { userId: ids.OWNER, role: 'OWNER' },
          { userId: ids.MODERATOR, role: 'MODERATOR' },
          { userId: ids.MEMBER },
          { userId: ids.NEWCOMER, joinedSeq: 10 },
          { userId: ids.TARGET },
          { userId: ids.FORMER, ...left },
          { userId: ids.BANNED, ...left, bannedAt: new Date(), removedById: ids.OWNER },
        ],
      },
      invitations: {
        create: {
          createdById: ids.OWNER,
          tokenHash: createHash('sha256').update(token).digest('base64url'),
          expiresAt: new Date(Date.now() + 86_400_000),
          maxUses: 100,
        },
      },
    },
    include: { invitations: true },
  });
  const said = { chatId: chat.id, content: 'Secret words' };
  const message = await db.message.create({
    data: { ...said, seq: 1, revision: 1, role: 'USER', authorId: ids.OWNER },
  });
  const answer = await db.message.create({
    data: { ...said, seq: 2, revision: 2, role: 'ASSISTANT', agentId: agent.id, parentId: message.id },
  });
  const run = await db.run.create({
    data: {
      chatId: chat.id,
      triggerId: message.id,
      messageId: answer.id,
      agentId: agent.id,
      initiatorId: ids.OWNER,
      provider: 'ECHO',
      model: 'echo',
      status: 'COMPLETED',
      endedAt: new Date(),
      historyIds: [message.id],
      revision: 2,
    },
  });
  await db.chat.update({ where: { id: chat.id }, data: { headId: answer.id } });
  const room = encodeGlobalId('Chat', chat.id);
  return {
    ...madeUpThings,
    chat: room,
    room,
    ownRoom: room,
    agent: encodeGlobalId('Agent', agent.id),
    message: encodeGlobalId('Message', message.id),
    question: encodeGlobalId('Message', message.id),
    answer: encodeGlobalId('Message', answer.id),
    run: encodeGlobalId('Run', run.id),
    externalRun: encodeGlobalId('Run', run.id),
    person: encodeGlobalId('Person', ids.TARGET),
    invitation: encodeGlobalId('Invitation', chat.invitations[0]?.id ?? ''),
    token,
  };
}

interface Answer {
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions: { code: string } }[];
}

async function ask(principal: Principal, query: string, variables: object = {}): Promise<Answer> {
  return (await (await people[principal].post('/graphql', { query, variables })).json()) as Answer;
}

/** All that a room is made of, as text. */
async function rowsOf({ room }: Things): Promise<string> {
  const where = { chatId: rowId('Chat', room) };
  const order = { orderBy: { id: 'asc' } } as const;
  return JSON.stringify([
    await db.chat.findUnique({ where: { id: where.chatId } }),
    await db.chatMember.findMany({ where, ...order }),
    await db.message.findMany({ where, ...order }),
    await db.invitation.findMany({ where, ...order }),
    await db.run.findMany({ where, ...order }),
    await db.mention.findMany({ where, ...order }),
    await db.reaction.findMany({ where: { message: where }, ...order }),
    await db.roomAgent.findMany({ where, orderBy: { agentId: 'asc' } }),
  ]);
}

describe('a field of what lies in a room', () => {
  /** By type: which of the things it is, and who sees it. */
  const seen: Record<string, { thing: keyof Things; by: (principal: Principal) => boolean }> = {
    Chat: { thing: 'room', by: isMember },
    Message: { thing: 'message', by: isLongMember },
    Run: { thing: 'run', by: isLongMember },
    Invitation: { thing: 'invitation', by: (principal) => principal === 'OWNER' || principal === 'MODERATOR' },
  };
  const fields = Object.keys(seen).flatMap((type) => {
    const named = schema.getType(type);
    return isObjectType(named) ? Object.values(named.getFields()).map((field) => ({ type, field })) : [];
  });

  let things: Things;
  beforeAll(async () => {
    things = await makeRoom({ visibility: 'OPEN' });
  });

  test.each(fields.map(({ type, field }) => [`${type}.${field.name}`, type, field] as const))(
    '%s',
    async (_place, type, field) => {
      const { thing, by } = seen[type] ?? { thing: 'room', by: isMember };
      const ways = [`node(id: "${things[thing]}") { ... on ${type} { ${selectionOf(field, things)} } }`];
      if (type === 'Chat') ways.push(`chat(id: "${things.room}") { ${selectionOf(field, things)} }`);
      for (const way of ways)
        for (const principal of principals) {
          const { data, errors } = await ask(principal, `{ found: ${way} }`);
          const told = `${principal}: ${JSON.stringify({ data, errors })}`;
          if (principal === 'SIGNED_OUT') expect(errors?.[0]?.extensions.code, told).toBe('UNAUTHENTICATED');
          else expect(errors, told).toBeUndefined();
          if (by(principal)) expect(data?.['found'], told).not.toBeNull();
          else expect(data?.['found'] ?? null, told).toBeNull();
          if (!isMember(principal)) expect(told).not.toContain('Secret');
          if (!isLongMember(principal)) expect(told).not.toContain('Secret words');
        }
    },
  );

  function selectionOf(field: GraphQLField<unknown, unknown>, of: Things): string {
    const given = Object.entries(soundArguments(field.args, field.name, of));
    const list = given.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ');
    const type = getNamedType(field.type);
    const inner = isLeafType(type)
      ? ''
      : type.name.endsWith('Connection')
        ? '{ nodes { __typename } }'
        : '{ __typename }';
    return `${field.name}${list && `(${list})`} ${inner}`;
  }

  test('is followed in streams by members alone', async () => {
    for (const principal of principals) {
      const someone = people[principal];
      const feed = someone.feeds([{ id: things.room, after: 0 }]);
      const run = Array.fromAsync(someone.follows(things.run)).then(
        (events) => events.map(({ __typename }) => __typename as string),
        (error: unknown) => [String(error)],
      );
      if (principal === 'SIGNED_OUT') {
        await expect(feed.next()).rejects.toThrow('401');
        expect((await run).join()).toContain('401');
        continue;
      }
      const { value } = await feed.next();
      await feed.return(undefined);
      expect(value).toMatchObject(
        isMember(principal) ? { __typename: 'ChatChange' } : { __typename: 'ChatGone', chatId: things.room },
      );
      if (isLongMember(principal)) expect(await run).toContain('MessageEnd');
      else expect((await run).join()).toContain('NOT_FOUND');
    }
  });

  test('is an administrator’s no more than anybody else’s', async () => {
    const { id } = await db.user.findFirstOrThrow({ where: { role: 'ADMIN' } });
    await db.user.update({ where: { id: ids.OUTSIDER }, data: { role: 'ADMIN' } });
    const ways = ['room', 'message', 'run', 'invitation'] as const;
    for (const way of ways)
      expect(await ask('OUTSIDER', `{ node(id: "${things[way]}") { id } }`)).toEqual({ data: { node: null } });
    await db.user.update({ where: { id: ids.OUTSIDER }, data: { role: 'USER' } });
    expect(id).not.toBe(ids.OUTSIDER);
  });
});

describe('a mutation', () => {
  type Verdict = 'DONE' | ErrorCode;

  interface Row extends RoomState {
    roles: [owner: Verdict, moderator: Verdict, member: Verdict];
    /** Left out: as a member. */
    newcomer?: Verdict;
    /** Left out: to people outside, the room does not exist. */
    others?: Partial<Record<'FORMER' | 'BANNED' | 'OUTSIDER', Verdict>>;
    /** What is left of the sound input. */
    fields?: string[];
  }

  const wayIn = { FORMER: 'DONE', OUTSIDER: 'DONE', BANNED: 'BANNED' } as const;
  const everyMember: Row = { roles: ['DONE', 'DONE', 'DONE'] };
  /** What it is about was said before the newcomer came. */
  const ofThePast = { newcomer: 'NOT_FOUND' } as const;
  const oneLine: Row = { roles: ['ROOM_IS_ONE_LINE', 'ROOM_IS_ONE_LINE', 'ROOM_IS_ONE_LINE'], ...ofThePast };

  /** The target of those about a person is a member. */
  const verdicts: Record<string, Row> = {
    sendMessage: { ...everyMember, fields: ['chatId', 'content', 'clientId'] },
    editMessage: { roles: ['DONE', 'NOT_THE_AUTHOR', 'NOT_THE_AUTHOR'], ...ofThePast },
    deleteMessage: { roles: ['DONE', 'DONE', 'NOT_THE_AUTHOR'], ...ofThePast },
    selectBranch: oneLine,
    regenerateAnswer: { ...everyMember, ...ofThePast, fields: ['messageId', 'clientId'] },
    askAgent: { ...everyMember, ...ofThePast },
    continueAnswer: oneLine,
    stopRun: { roles: ['DONE', 'DONE', 'ROLE_TOO_LOW'], ...ofThePast },
    updateChat: { roles: ['IS_A_ROOM', 'IS_A_ROOM', 'IS_A_ROOM'], fields: ['id', 'title'] },
    archiveChat: everyMember,
    unarchiveChat: everyMember,
    pinChat: everyMember,
    unpinChat: everyMember,
    markRead: everyMember,
    react: { ...everyMember, ...ofThePast, fields: ['messageId', 'emoji'] },
    unreact: { ...everyMember, ...ofThePast, fields: ['messageId', 'emoji'] },
    setRoomNotifications: everyMember,
    setTyping: everyMember,
    deleteChat: { roles: ['DONE', 'ROLE_TOO_LOW', 'ROLE_TOO_LOW'] },
    restoreChat: { roles: ['DONE', 'CHAT_DELETED', 'CHAT_DELETED'], isDeleted: true },
    updateRoom: { roles: ['DONE', 'DONE', 'ROLE_TOO_LOW'], fields: ['id', 'title', 'topic'] },
    joinRoom: { ...everyMember, others: wayIn, visibility: 'OPEN' },
    acceptInvitation: { ...everyMember, others: wayIn },
    leaveRoom: { roles: ['LAST_OWNER', 'DONE', 'DONE'] },
    addMembers: { roles: ['DONE', 'DONE', 'ROLE_TOO_LOW'] },
    removeMember: { roles: ['DONE', 'DONE', 'ROLE_TOO_LOW'] },
    setMemberRole: { roles: ['DONE', 'ROLE_TOO_LOW', 'ROLE_TOO_LOW'] },
    addRoomAgent: { roles: ['DONE', 'DONE', 'ROLE_TOO_LOW'] },
    removeRoomAgent: { roles: ['DONE', 'DONE', 'ROLE_TOO_LOW'] },
    createInvitation: { roles: ['DONE', 'DONE', 'ROLE_TOO_LOW'] },
    revokeInvitation: { roles: ['DONE', 'DONE', 'ROLE_TOO_LOW'] },
    beginAnswer: { roles: ['NOT_A_SERVICE_AGENT', 'NOT_A_SERVICE_AGENT', 'NOT_A_SERVICE_AGENT'] },
    // No member has written that answer.
    appendToAnswer: { roles: ['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'] },
    endAnswer: { roles: ['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'] },
  };

  const ofNoRoom = new Set([
    'createChat',
    'createRoom',
    'createAgent',
    'updateAgent',
    'archiveAgent',
    'setDefaultAgent',
    'updatePrimaryContext',
    'updatePersonalContext',
    'restoreContextVersion',
    'updatePreferences',
    'updateHandle',
    'deletePerson',
    'disablePerson',
    'enablePerson',
    'setMaxChats',
    'createApiToken',
    'createServiceAgent',
    'updateServiceAgent',
    'revokeApiToken',
    'writeChangelogBase',
  ]);

  test('of the schema has its row', () => {
    expect(mutationNames().toSorted()).toEqual([...Object.keys(verdicts), ...ofNoRoom].toSorted());
  });

  async function attempt(principal: Principal, name: string, things: Things): Promise<Answer & { outcome: string }> {
    const { fields } = verdicts[name] ?? {};
    const sound = Object.entries(soundInput(name, things));
    const input = Object.fromEntries(sound.filter(([field]) => !fields || fields.includes(field)));
    const query = `mutation Try($input: ${inputType(name).name}!) { it: ${name}(input: $input) { __typename ... on Error { code } } }`;
    const answer = await ask(principal, query, { input });
    const { code } = (answer.data?.['it'] ?? {}) as { code?: string };
    return { ...answer, outcome: code ?? (answer.errors ? (answer.errors[0]?.extensions.code ?? '') : 'DONE') };
  }

  function verdictOn(principal: Principal, { roles, newcomer, others = {} }: Row): Verdict | 'UNAUTHENTICATED' {
    if (principal === 'SIGNED_OUT') return 'UNAUTHENTICATED';
    if (principal === 'NEWCOMER') return newcomer ?? roles[2];
    if (principal === 'FORMER' || principal === 'BANNED' || principal === 'OUTSIDER')
      return others[principal] ?? 'NOT_FOUND';
    return roles[(['OWNER', 'MODERATOR', 'MEMBER'] as const).indexOf(principal)] ?? 'DONE';
  }

  const cells = Object.entries(verdicts).flatMap(([name, row]) =>
    principals.map((principal) => [name, principal, verdictOn(principal, row)] as const),
  );

  test.each(cells)('%s by %s: %s', async (name, principal, verdict) => {
    const things = await makeRoom(verdicts[name]);
    const before = await rowsOf(things);
    const { outcome, ...answer } = await attempt(principal, name, things);
    expect(outcome).toBe(verdict);
    if (verdict !== 'DONE') expect(await rowsOf(things)).toBe(before);
    // Exactly as if there were no such room.
    if (verdict === 'NOT_FOUND') expect({ outcome, ...answer }).toEqual(await attempt(principal, name, madeUpThings));
  });
});
