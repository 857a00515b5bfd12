import { beforeAll, describe, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { graphql } from '../generated/graphql/gql.ts';
import type { ListChatsQuery, ListChatsQueryVariables } from '../generated/graphql/graphql.ts';
import { rowId } from '../ids.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import {
  ArchiveChat,
  ChatById,
  CreateChat,
  DeleteChat,
  ListAgents,
  ListChats,
  PinChat,
  RestoreChat,
  SendMessage,
  UnarchiveChat,
  UnpinChat,
  UpdateChat,
  Viewer,
} from '../testing/documents.ts';
import { stopsAt } from '../testing/model-server.ts';
import { type Person, person } from '../testing/person.ts';
import { performerOf } from '../testing/performer.ts';
import {
  madeUpThings,
  mutationDocument,
  mutationNames,
  soundInput,
  type Things,
  thingsOf,
} from '../testing/samples.ts';

useConfab();

beforeAll(() => testServer().model.otherwise(stopsAt('max_tokens', 'An answer.')));

describe('the list of chats', () => {
  test('has the pinned first, then by last activity', async () => {
    const ann = await person('ann');
    const [one, two, three] = [
      await ann.createsChat('one'),
      await ann.createsChat('two'),
      await ann.createsChat('three'),
    ];
    expect(await titles(ann)).toEqual(['three', 'two', 'one']);

    await ann.asks('hello', one.id);
    expect(await titles(ann)).toEqual(['one', 'three', 'two']);

    await pin(ann, two.id);
    expect(await titles(ann)).toEqual(['two', 'one', 'three']);
    await pin(ann, three.id);
    expect(await titles(ann)).toEqual(['three', 'two', 'one']);

    await unpin(ann, three.id);
    expect(await titles(ann)).toEqual(['two', 'one', 'three']);
  });

  test('shows the active, the archived or the deleted ones', async () => {
    const ann = await person('ann');
    const [kept, archived, deleted] = [
      await ann.createsChat('kept'),
      await ann.createsChat('archived'),
      await ann.createsChat('deleted'),
    ];
    await archive(ann, archived.id);
    await archive(ann, deleted.id);
    await remove(ann, deleted.id);

    expect(await titles(ann)).toEqual([kept.title]);
    expect(await titles(ann, { filter: 'ACTIVE' })).toEqual(['kept']);
    expect(await titles(ann, { filter: 'ARCHIVED' })).toEqual(['archived']);
    expect(await titles(ann, { filter: 'DELETED' })).toEqual(['deleted']);
  });

  test('is searched by title, in whatever case and letter by letter', async () => {
    const ann = await person('ann');
    for (const title of ['Ärger im Büro', '100% sure', '100 sure', 'a_b', 'axb', String.raw`back\slash`])
      await ann.createsChat(title);
    const found = (search: string) => titles(ann, { search });

    expect(await found('ärger IM')).toEqual(['Ärger im Büro']);
    expect(await found('100%')).toEqual(['100% sure']);
    expect(await found('%')).toEqual(['100% sure']);
    expect(await found('a_b')).toEqual(['a_b']);
    expect(await found('_')).toEqual(['a_b']);
    expect(await found('\\')).toEqual([String.raw`back\slash`]);
    expect(await found(String.raw`\s`)).toEqual([String.raw`back\slash`]);
    expect(await found('sure')).toEqual(['100 sure', '100% sure']);
    expect(await found('nothing like it')).toEqual([]);
    expect(await found('  ')).toHaveLength(6);
  });

  test('is walked in pages, both ways, without loss or repeat', async () => {
    const ann = await person('ann');
    for (let index = 0; index < 7; index += 1) await ann.createsChat(`chat ${index}`);
    const all = await ann.ask(ListChats, {});
    await pin(ann, all.chats.nodes[4]?.id ?? '');
    await pin(ann, all.chats.nodes[5]?.id ?? '');
    const whole = await titles(ann);

    const forward = await walk((after) => ann.ask(ListChats, { first: 3, ...(after && { after }) }), 'forward');
    const backward = await walk((before) => ann.ask(ListChats, { last: 3, ...(before && { before }) }), 'backward');

    expect(whole).toHaveLength(7);
    expect(forward.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(forward.flat()).toEqual(whole);
    expect(backward.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(backward.reverse().flat()).toEqual(whole);
  });

  test('is cut from both sides where both are named', async () => {
    const ann = await person('ann');
    for (let index = 0; index < 5; index += 1) await ann.createsChat(`chat ${index}`);
    const { edges } = (await ann.ask(ListChats, {})).chats;
    const [after = '', , , , before = ''] = edges.map(({ cursor }) => cursor);

    expect(await titles(ann, { after, before })).toEqual(['chat 3', 'chat 2', 'chat 1']);
    expect(await titles(ann, { after, before, first: 2 })).toEqual(['chat 3', 'chat 2']);
    expect(await titles(ann, { after, before, last: 2 })).toEqual(['chat 2', 'chat 1']);
  });

  test.each([
    [{ first: 0 }, '1 to 100'],
    [{ first: -1 }, '1 to 100'],
    [{ last: -1 }, '1 to 100'],
    [{ first: 101 }, '1 to 100'],
    [{ first: 1, last: 1 }, 'not both'],
    [{ after: 'nonsense' }, 'no cursor'],
    [{ before: '' }, 'no cursor'],
    [{ after: Buffer.from('[1,2,3]').toString('base64url') }, 'no cursor'],
  ])('refuses the page %j and says why', async (page, reason) => {
    const response = await (
      await ada()
    ).post('/graphql', {
      query:
        'query Q($first: Int, $after: String, $last: Int, $before: String) { chats(first: $first, after: $after, last: $last, before: $before) { nodes { id } } }',
      variables: page,
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringContaining(reason) as string, extensions: { code: 'BAD_PAGE' } }],
    });
  });

  test('of one person says nothing to another who has its cursors', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    await ann.createsChat('of Ann');
    await bob.createsChat('of Bob');
    const { edges } = (await ann.ask(ListChats, {})).chats;

    expect(await titles(bob, { before: edges[0]?.cursor ?? '' })).toEqual(['of Bob']);
    expect(await titles(bob, { after: edges[0]?.cursor ?? '' })).toEqual([]);
    expect(await titles(bob)).toEqual(['of Bob']);
  });
});

describe('a chat', () => {
  test('is made with a title, or gets one from its first message', async () => {
    const ann = await person('ann');
    expect(await ann.createsChat('  Holidays  ')).toMatchObject({ title: 'Holidays' });
    const chat = await ann.createsChat();
    expect(chat.title).toBeNull();

    await ann.asks('What is a monad?\nIn one line.', chat.id);
    expect(await chatOf(ann, chat.id)).toMatchObject({ title: 'What is a monad?' });
    await ann.asks('And a functor?', chat.id);
    expect(await chatOf(ann, chat.id)).toMatchObject({ title: 'What is a monad?' });
  });

  test('is renamed, to at most 255 characters on one line', async () => {
    const ann = await person('ann');
    const { id } = await ann.createsChat('old');
    const rename = async (title: string) => (await ann.ask(UpdateChat, { input: { id, title } })).updateChat;

    expect(await rename('new')).toMatchObject({ chat: { title: 'new' } });
    expect(await rename('n'.repeat(255))).toMatchObject({ chat: { title: 'n'.repeat(255) } });
    for (const title of ['', '   ', 'two\nlines', 'n'.repeat(256), 'a\0b', '\ud800']) {
      expect(await rename(title)).toMatchObject({
        __typename: 'InvalidInputError',
        issues: [{ path: ['input', 'title'] }],
      });
    }
    expect(await chatOf(ann, id)).toMatchObject({ title: 'n'.repeat(255) });
  });

  test('is given an agent, and goes back to the default', async () => {
    const ann = await person('ann');
    const { agents } = await ann.ask(ListAgents, {});
    const echo = agents.find(({ handle }) => handle === 'echo')?.id ?? '';
    const { id } = await ann.createsChat();
    const choose = async (agentId: string | null) => (await ann.ask(UpdateChat, { input: { id, agentId } })).updateChat;

    expect(await chatOf(ann, id)).toMatchObject({ agent: { handle: 'claude' }, chosenAgent: null });
    expect(await choose(echo)).toMatchObject({ chat: { agent: { handle: 'echo' }, chosenAgent: { handle: 'echo' } } });
    expect(await choose(madeUpThings.agent)).toMatchObject({ __typename: 'NotFoundError' });
    // What is not named stays.
    expect((await ann.ask(UpdateChat, { input: { id, title: 'named' } })).updateChat).toMatchObject({
      chat: { chosenAgent: { handle: 'echo' } },
    });
    expect(await choose(null)).toMatchObject({
      chat: { title: 'named', agent: { handle: 'claude' }, chosenAgent: null },
    });
  });

  test('is archived, pinned, deleted and brought back, and its revision grows with each change', async () => {
    const ann = await person('ann');
    const { id } = await ann.createsChat('wanderer');
    const states: ChatNow[] = [await chatOf(ann, id)];
    const steps = [archive, pin, unpin, unarchive, remove, restore];
    const shown = [['archivedAt'], ['archivedAt', 'pinnedAt'], ['archivedAt'], [], ['deletedAt'], []];

    for (const [index, step] of steps.entries()) {
      const answer = await step(ann, id);
      const chat = await chatOf(ann, id);
      expect(answer).toMatchObject({ chat });
      expect(timesIn(chat)).toEqual(shown[index]);
      states.push(chat);
    }
    await ann.asks('hello', id);
    states.push(await chatOf(ann, id));

    const revisions = states.map(({ revision }) => revision);
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
  });

  test('can be deleted and restored again and again', async () => {
    const ann = await person('ann');
    const { id } = await ann.createsChat();
    for (const step of [
      remove,
      remove,
      restore,
      restore,
      archive,
      archive,
      unarchive,
      unarchive,
      pin,
      pin,
      unpin,
      unpin,
    ]) {
      expect((await step(ann, id)).__typename).toMatch(/Payload$/);
    }
    expect(timesIn(await chatOf(ann, id))).toEqual([]);
  });

  test('is made once for one request, however often that is sent', async () => {
    const ann = await person('ann');
    const input = { clientId: crypto.randomUUID(), title: 'once' };
    const first = await ann.ask(CreateChat, { input });
    const again = await Promise.all(Array.from({ length: 5 }, () => ann.ask(CreateChat, { input })));

    expect(first.createChat).toMatchObject({ __typename: 'CreateChatPayload', chat: { title: 'once' } });
    for (const answer of again) expect(answer).toEqual(first);

    const atOnce = { clientId: crypto.randomUUID() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => ann.ask(CreateChat, { input: atOnce })));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await titles(ann)).toHaveLength(2);

    // An id is one person's own.
    const bob = await person('bob');
    expect((await bob.ask(CreateChat, { input })).createChat).not.toEqual(first.createChat);
  });
});

describe('to an outsider', () => {
  let owner: Person;
  let things: Things;

  beforeAll(async () => {
    await ada();
    owner = await person('owner');
    const { agents } = await owner.ask(ListAgents, {});
    things = await thingsOf(owner, { agent: agents[1]?.id ?? '', version: madeUpThings.version });
  });

  const verbs = mutationNames().filter((name) => /Chat$|Message$|Answer$|Run$/.test(name) && name !== 'createChat');

  test.each(verbs)('%s of another’s is that of nothing', async (name) => {
    const asked = (someone: Person, which: Things) =>
      attempt(someone, mutationDocument(name), { input: soundInput(name, which) });
    const malformed = {
      ...madeUpThings,
      chat: 'Chat_x',
      message: 'x',
      answer: 'Message_x',
      run: '',
      agent: things.agent,
      version: '',
    };

    for (const outsider of [await person('outsider'), await ada()]) {
      const foreign = await asked(outsider, things);
      expect(foreign).toMatchObject({ data: { [name]: { __typename: 'NotFoundError' } } });
      expect(await asked(outsider, { ...madeUpThings, agent: things.agent })).toEqual(foreign);
      expect(await asked(outsider, malformed)).toEqual(foreign);
    }
    const own = (await thingsOf(owner, things)) satisfies Things;
    expect(await asked(await performerOf(name, owner, own), own)).toMatchObject({
      data: { [name]: { __typename: expect.stringMatching(/Payload$/) as string } },
    });
  });

  test.each([
    ['chat', 'query Q($id: ID!) { chat(id: $id) { id } }', 'chat'],
    [
      'a chat by its node',
      'query Q($id: ID!) { node(id: $id) { id ... on Chat { title messages { nodes { content } } activeRuns { id } } } }',
      'chat',
    ],
    [
      'a message',
      'query Q($id: ID!) { node(id: $id) { id ... on Message { content parent { id } chat { id } } } }',
      'message',
    ],
    [
      'an answer',
      'query Q($id: ID!) { node(id: $id) { id ... on Message { content parts { text } run { id } } } }',
      'answer',
    ],
    [
      'a run',
      'query Q($id: ID!) { node(id: $id) { id ... on Run { status history { content } contexts { content } } } }',
      'run',
    ],
  ] as const)('%s of another’s is null', async (_what, query, thing) => {
    const id = things[thing];
    const [field = ''] = /chat(?=\()|node(?=\()/.exec(query) ?? [];
    expect(await attempt(owner, query, { id })).toMatchObject({ data: { [field]: { id } } });

    for (const outsider of [await person('outsider'), await ada()]) {
      for (const which of [id, madeUpThings[thing], `${id.split('_')[0]}_x`, '']) {
        expect(await attempt(outsider, query, { id: which })).toEqual({ data: { [field]: null } });
      }
    }
  });

  test('the words of another person’s run are not sent', async () => {
    const query = 'subscription S($id: ID!) { runEvents(runId: $id) { __typename ... on ContentDelta { text } } }';
    const heard = async (someone: Person, id: string) =>
      (await someone.post('/graphql', { query, variables: { id } }, { accept: 'text/event-stream' })).text();
    expect(await heard(owner, things.run)).toContain('An answer.');

    for (const outsider of [await person('outsider'), await ada()]) {
      const foreign = await heard(outsider, things.run);
      expect(foreign).toContain('NOT_FOUND');
      expect(foreign).not.toContain('An answer.');
      expect(await heard(outsider, madeUpThings.run)).toBe(foreign);
      expect(await heard(outsider, 'Run_x')).toBe(foreign);
    }
  });

  test('a page around another’s message, and an answer to it, are none', async () => {
    const outsider = await person('outsider');
    const mine = await thingsOf(outsider, things);
    const query = 'query Q($chat: ID!, $around: ID) { chat(id: $chat) { messages(around: $around) { nodes { id } } } }';

    expect(await attempt(outsider, query, { chat: mine.chat, around: mine.answer })).toMatchObject({
      data: { chat: { messages: { nodes: [{ id: mine.message }, { id: mine.answer }] } } },
    });
    for (const around of [things.message, madeUpThings.message, 'x']) {
      expect(await attempt(outsider, query, { chat: mine.chat, around })).toEqual({
        data: { chat: { messages: { nodes: [] } } },
      });
    }
    for (const parentId of [things.answer, madeUpThings.answer, 'x']) {
      const input = { chatId: mine.chat, content: 'hello', clientId: crypto.randomUUID(), parentId };
      expect((await outsider.ask(SendMessage, { input })).sendMessage).toMatchObject({ __typename: 'NotFoundError' });
    }
  });
});

describe('the limit of active chats', () => {
  async function personWithRoomFor(maxChats: number): Promise<Person> {
    const someone = await person('limited');
    await db.user.update({ where: { email: someone.email }, data: { maxChats } });
    expect(await someone.ask(Viewer, {})).toMatchObject({ viewer: { maxChats } });
    return someone;
  }
  const creates = async (someone: Person) => (await someone.ask(CreateChat, { input: {} })).createChat;
  const refusal = (limit: number) => ({
    __typename: 'ChatLimitError',
    code: 'CHAT_LIMIT',
    limit,
    reason: expect.stringContaining(String(limit)) as string,
  });

  test('is said, and archiving or deleting makes room', async () => {
    const ann = await personWithRoomFor(2);
    const [one, two] = [await ann.createsChat('one'), await ann.createsChat('two')];
    expect(await creates(ann)).toEqual(refusal(2));

    await archive(ann, one.id);
    expect(await creates(ann)).toMatchObject({ __typename: 'CreateChatPayload' });
    expect(await creates(ann)).toEqual(refusal(2));

    await remove(ann, two.id);
    expect(await creates(ann)).toMatchObject({ __typename: 'CreateChatPayload' });
    expect(await unarchive(ann, one.id)).toEqual(refusal(2));
    expect(await restore(ann, two.id)).toEqual(refusal(2));
    expect(await titles(ann)).toHaveLength(2);
  });

  test('a chat both archived and deleted does not count', async () => {
    const ann = await personWithRoomFor(1);
    const { id } = await ann.createsChat();
    await archive(ann, id);
    await remove(ann, id);
    await ann.createsChat();

    expect(await restore(ann, id)).toMatchObject({ __typename: 'RestoreChatPayload' });
    expect(await unarchive(ann, id)).toEqual(refusal(1));
    await remove(ann, id);
    expect(await unarchive(ann, id)).toMatchObject({ __typename: 'UnarchiveChatPayload' });
    expect(await restore(ann, id)).toEqual(refusal(1));
  });

  test('does not stop the same request sent again', async () => {
    const ann = await personWithRoomFor(1);
    const input = { clientId: crypto.randomUUID() };
    const first = await ann.ask(CreateChat, { input });
    expect(await creates(ann)).toEqual(refusal(1));
    expect(await ann.ask(CreateChat, { input })).toEqual(first);
  });

  test('is never passed by many at once', async () => {
    const ann = await personWithRoomFor(5);
    const answers = await Promise.all(Array.from({ length: 20 }, () => creates(ann)));

    expect(answers.filter(({ __typename }) => __typename === 'CreateChatPayload')).toHaveLength(5);
    expect(answers.filter(({ __typename }) => __typename === 'ChatLimitError')).toHaveLength(15);
    expect(await titles(ann)).toHaveLength(5);
  });

  test('is never passed by many who create, unarchive and restore at once', async () => {
    const ann = await personWithRoomFor(20);
    const ids = await Promise.all(Array.from({ length: 14 }, async () => (await ann.createsChat()).id));
    const [archived, deleted] = [ids.slice(0, 7), ids.slice(7)];
    for (const id of archived) await archive(ann, id);
    for (const id of deleted) await remove(ann, id);
    await db.user.update({ where: { email: ann.email }, data: { maxChats: 5 } });

    const answers = await Promise.all([
      ...Array.from({ length: 6 }, async () => (await ann.ask(CreateChat, { input: {} })).createChat.__typename),
      ...archived.map(async (id) => (await unarchive(ann, id)).__typename),
      ...deleted.map(async (id) => (await restore(ann, id)).__typename),
    ]);

    expect(answers).toHaveLength(20);
    expect(answers.filter((name) => name.endsWith('Payload'))).toHaveLength(5);
    expect(answers.filter((name) => name === 'ChatLimitError')).toHaveLength(15);
    expect(await titles(ann)).toHaveLength(5);
  });
});

const archive = async (someone: Person, id: string) => (await someone.ask(ArchiveChat, { id })).archiveChat;
const unarchive = async (someone: Person, id: string) => (await someone.ask(UnarchiveChat, { id })).unarchiveChat;
const pin = async (someone: Person, id: string) => (await someone.ask(PinChat, { id })).pinChat;
const unpin = async (someone: Person, id: string) => (await someone.ask(UnpinChat, { id })).unpinChat;
const remove = async (someone: Person, id: string) => (await someone.ask(DeleteChat, { id })).deleteChat;
const restore = async (someone: Person, id: string) => (await someone.ask(RestoreChat, { id })).restoreChat;

type Page = ListChatsQueryVariables;

async function titles(someone: Person, page: Page = {}): Promise<string[]> {
  const { nodes } = (await someone.ask(ListChats, page)).chats;
  return nodes.map(({ title }) => title ?? '');
}

/** Page after page to the end, the titles of each. */
async function walk(
  ask: (cursor: string | undefined) => Promise<ListChatsQuery>,
  direction: 'forward' | 'backward',
): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | undefined; ;) {
    const { nodes, pageInfo } = (await ask(cursor)).chats;
    pages.push(nodes.map(({ title }) => title ?? ''));
    const hasMore = direction === 'forward' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage;
    if (!hasMore) return pages;
    cursor = (direction === 'forward' ? pageInfo.endCursor : pageInfo.startCursor) ?? undefined;
  }
}

type ChatNow = Awaited<ReturnType<typeof chatOf>>;

async function chatOf(someone: Person, id: string) {
  const { chat } = await someone.ask(ChatById, { id });
  if (!chat) throw new Error(`${someone.name} has no chat ${id}.`);
  return chat;
}

function timesIn(chat: ChatNow): string[] {
  return (['archivedAt', 'deletedAt', 'pinnedAt'] as const).filter((time) => chat[time] !== null);
}

async function attempt(someone: Person, query: string, variables: object): Promise<unknown> {
  return (await someone.post('/graphql', { query, variables })).json();
}

let administrator: Promise<Person> | undefined;

/** The first account. */
function ada(): Promise<Person> {
  return (administrator ??= firstAdministrator());
}

async function firstAdministrator(): Promise<Person> {
  const someone = await person('ada');
  await db.user.update({ where: { email: someone.email }, data: { role: 'ADMIN' } });
  return someone;
}

describe('the private chats of a person who is deleted', () => {
  async function leavesNothing(remove: (userId: string) => Promise<unknown>) {
    const ann = await person(`leaver-${crypto.randomUUID().slice(0, 8)}`);
    const { chat } = await ann.asks('Remember me.');
    const other = await (await person('stayer')).createsChat('mine');
    const { id: userId } = await db.user.findUniqueOrThrow({ where: { email: ann.email } });
    await remove(userId);

    const ids = [rowId('Chat', chat.id), rowId('Chat', other.id)];
    expect(await db.chat.findMany({ where: { id: { in: ids } }, select: { title: true } })).toEqual([
      { title: 'mine' },
    ]);
    expect(await db.message.count({ where: { chatId: ids[0] ?? '' } })).toBe(0);
  }

  test('go with their row when the API deletes it', () => leavesNothing((id) => db.user.delete({ where: { id } })));

  test('go with their row when it is deleted by hand', () =>
    leavesNothing((id) => db.$executeRaw`DELETE FROM "user" WHERE id = ${id}::uuid`));
});

const ChatActions = graphql(`
  query ChatActions($id: ID!) {
    chat(id: $id) {
      viewerCan
    }
  }
`);

test('what the viewer can do in a chat is said with it, and sending agrees', async () => {
  const ann = await person('doer');
  const { id } = await ann.createsChat();
  const actions = async () => (await ann.ask(ChatActions, { id })).chat?.viewerCan;
  const sending = async () => {
    const input = { chatId: id, content: 'hello', clientId: crypto.randomUUID() };
    return (await ann.ask(SendMessage, { input })).sendMessage.__typename;
  };

  expect(await actions()).toEqual(['POST', 'EDIT_OWN', 'DELETE_OWN', 'ARCHIVE', 'RENAME', 'DELETE']);
  expect(await sending()).toBe('SendMessagePayload');
  await ann.waitsForAnswers(id);
  await archive(ann, id);
  expect(await actions()).toEqual(['UNARCHIVE', 'RENAME', 'DELETE']);
  expect(await sending()).toBe('ForbiddenError');
  await remove(ann, id);
  expect(await actions()).toEqual(['RESTORE']);
  expect(await sending()).toBe('ForbiddenError');
});
