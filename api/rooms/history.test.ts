import { beforeAll, describe, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { DeleteMessage, EditMessage, RegenerateAnswer, SendMessage } from '../testing/documents.ts';
import { type Person, person, type FeedEvent } from '../testing/person.ts';
import { addTo, changeRoom, leave, personIdOf, removeFrom, roomOf, says } from '../testing/rooms.ts';

useConfab();

let owner: Person;
let early: Person;
let late: Person;

beforeAll(async () => {
  [owner, early, late] = await Promise.all([person('olga'), person('earl'), person('lara')]);
});

/** No person would write it. */
const CANARY = 'canary-7f3a91';

/** A room in which the canary was said, a question asked and an answer begun before `late` came. */
async function roomWithPast(history: 'ALL' | 'SINCE_JOIN') {
  const id = await roomOf(owner, { history });
  await addTo(id, owner, [early], 'MODERATOR');
  const hidden = [await says(owner, id, `First ${CANARY}.`), await says(early, id, `Second ${CANARY}.`)];
  await changeRoom(owner, { id, topic: `Not to be told: ${CANARY}` });
  await changeRoom(owner, { id, topic: '' });
  const runs = [await answerIn(id, { questionId: hidden[1]?.id ?? '', content: `Answer ${CANARY}.` })];
  await addTo(id, owner, [late]);
  const seen = [await says(owner, id, 'Welcome.', { replyToId: hidden[0]?.id ?? '' }), await says(late, id, 'Hello.')];
  // Asked before, answered after: the answer is seen, and nothing of what the model was sent.
  runs.push(await answerIn(id, { questionId: hidden[1]?.id ?? '', content: 'A late answer.' }));
  runs.push(await askIn(id, hidden[0]?.id ?? ''));
  return { id, hidden, seen, runs };
}

/** A queued run: no hint announces it. */
async function askIn(id: string, questionId: string) {
  const chatId = rowId('Chat', id);
  const agent = await db.agent.findFirstOrThrow({ where: { provider: 'ECHO' } });
  const { revision } = await db.chat.update({ where: { id: chatId }, data: { revision: { increment: 1 } } });
  const asked = { chatId, agentId: agent.id, triggerId: rowId('Message', questionId), revision };
  const run = await db.run.create({ data: { ...asked, provider: 'ECHO', model: 'echo' } });
  return encodeGlobalId('Run', run.id);
}

/** As an agent would give it, which was sent all that had been said. */
async function answerIn(id: string, { questionId, content }: { questionId: string; content: string }) {
  const chatId = rowId('Chat', id);
  const agent = await db.agent.findFirstOrThrow({ where: { provider: 'ECHO' } });
  const chat = await db.chat.findUniqueOrThrow({ where: { id: chatId }, include: { messages: true } });
  const revision = chat.revision + 1;
  const answer = await db.message.create({
    data: { chatId, seq: revision, revision, parentId: chat.headId, role: 'ASSISTANT', agentId: agent.id, content },
  });
  const run = await db.run.create({
    data: {
      chatId,
      triggerId: rowId('Message', questionId),
      messageId: answer.id,
      agentId: agent.id,
      provider: 'ECHO',
      model: 'echo',
      status: 'COMPLETED',
      endedAt: new Date(),
      historyIds: chat.messages.map((message) => message.id),
      revision,
    },
  });
  await db.chat.update({ where: { id: chatId }, data: { headId: answer.id, revision } });
  return encodeGlobalId('Run', run.id);
}

const MESSAGE = `
  id seq content editedContent parts { text } event { text people { name } } author { name }
  replyTo { id content } mentions { name } reactions { emoji }
  parent { id content event { text } parent { id content event { text } } } siblings { id content event { text } }
  run { id trigger { id content } history { id content event { text } } message { content parent { content } } }`;

const RUN = 'id trigger { content } history { content } message { content parent { content } }';

/** All that a client can ask of a room, as text. */
async function everythingSeenBy(someone: Person, id: string, messageIds: readonly string[], runIds: readonly string[]) {
  const ask = async (query: string) => (await someone.post('/graphql', { query })).text();
  const pages = ['last: 10', 'first: 10', 'first: 2', 'last: 2', ...messageIds.map((around) => `around: "${around}"`)];
  const answers = [
    ...pages.map(
      (page) => `{ chat(id: "${id}") { messages(${page}) { nodes { ${MESSAGE} } pageInfo { startCursor } } } }`,
    ),
    ...messageIds.map((each) => `{ node(id: "${each}") { ... on Message { ${MESSAGE} } } }`),
    ...runIds.map(
      (run) => `{ node(id: "${run}") { ... on Run { trigger { content } history { content } message { content } } } }`,
    ),
    `{ chat(id: "${id}") { unreadCount firstUnreadId activeRuns { ${RUN} } runQueue { ${RUN} } runs { nodes { ${RUN} } } } }`,
    '{ chats { nodes { title topic messages(last: 10) { nodes { content event { text } } } } } }',
  ];
  return (await Promise.all(answers.map(ask))).join('\n');
}

async function linesOf(someone: Person, id: string, page = 'last: 50'): Promise<string[]> {
  const query = `{ chat(id: "${id}") { messages(${page}) { nodes { content event { kind } } pageInfo { hasPreviousPage } } } }`;
  const { data } = (await (await someone.post('/graphql', { query })).json()) as {
    data: { chat: { messages: { nodes: { content: string; event: { kind: string } | null }[] } } };
  };
  return data.chat.messages.nodes.map(({ content, event }) => event?.kind ?? content);
}

describe('a newcomer to a room that hides its past', () => {
  test('receives no word of it on any path, and everything since', async () => {
    const { id, hidden, seen, runs } = await roomWithPast('SINCE_JOIN');
    const messages = await db.message.findMany({ where: { chatId: rowId('Chat', id) } });
    const ids = messages.map((message) => encodeGlobalId('Message', message.id));
    const told = await everythingSeenBy(late, id, ids, runs);
    expect(told).not.toContain(CANARY);
    expect(told).not.toContain('"errors"');
    for (const { id: messageId } of hidden) expect(told).not.toContain(messageId);
    for (const { id: messageId } of seen) expect(told).toContain(messageId);
    expect(told).toContain('A late answer.');
    expect(await linesOf(late, id)).toEqual(['ADDED', 'Welcome.', 'Hello.', 'A late answer.']);

    // The same requests of a member who was there show that they could have been answered.
    const whole = await everythingSeenBy(early, id, ids, runs);
    expect(whole.split(CANARY).length).toBeGreaterThan(50);
    expect(whole).toContain(`"replyTo":{"id":"${hidden[0]?.id}"`);
    expect(whole).not.toContain('"errors"');
  });

  test('receives no word of it by the feed, also when something of it changes', async () => {
    const { id, hidden, seen } = await roomWithPast('SINCE_JOIN');
    const told = async (someone: Person) => {
      const events: FeedEvent[] = [];
      for await (const event of someone.feeds([{ id, after: 0 }])) {
        events.push(event);
        if (event.__typename === 'Tick' && events.filter(({ __typename }) => __typename === 'Tick').length === 1)
          await owner.ask(EditMessage, { input: { id: hidden[0]?.id ?? '', content: `Once more ${CANARY}.` } });
        const isLast = event.__typename === 'ChatChange' && events.some(({ __typename }) => __typename === 'Tick');
        if (isLast) break;
      }
      return JSON.stringify(events);
    };
    const toLate = await told(late);
    expect(toLate).not.toContain(CANARY);
    for (const { id: messageId } of hidden) expect(toLate).not.toContain(messageId);
    for (const { id: messageId } of seen) expect(toLate).toContain(messageId);
    expect((await told(early)).split(CANARY).length).toBeGreaterThan(3);
  });

  test('pages through what they see and finds its beginning', async () => {
    const { id, seen } = await roomWithPast('SINCE_JOIN');
    expect(await linesOf(late, id, 'first: 2')).toEqual(['ADDED', 'Welcome.']);
    expect(await linesOf(late, id, `around: "${seen[0]?.id}", first: 2`)).toEqual(['Welcome.', 'Hello.']);
    const query = `{ chat(id: "${id}") { messages(last: 4) { nodes { seq parent { id } } pageInfo { hasPreviousPage } } } }`;
    const { data } = (await (await late.post('/graphql', { query })).json()) as { data: unknown };
    expect(data).toMatchObject({
      chat: { messages: { nodes: [{ parent: null }, {}, {}, {}], pageInfo: { hasPreviousPage: false } } },
    });
  });

  test('cannot edit, delete or answer what they do not see, as a moderator neither', async () => {
    const { id, hidden } = await roomWithPast('SINCE_JOIN');
    await addTo(id, owner, [late], 'MODERATOR');
    const messageId = hidden[0]?.id ?? '';
    expect((await late.ask(DeleteMessage, { id: messageId })).deleteMessage).toMatchObject({ code: 'NOT_FOUND' });
    expect((await late.ask(EditMessage, { input: { id: messageId, content: 'x' } })).editMessage).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await early.ask(DeleteMessage, { id: messageId })).deleteMessage).toMatchObject({
      __typename: 'DeleteMessagePayload',
    });
  });

  test('cannot have a question answered again that they do not see', async () => {
    const { id } = await roomWithPast('SINCE_JOIN');
    const { headId } = await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', id) } });
    const input = { messageId: encodeGlobalId('Message', headId ?? ''), clientId: crypto.randomUUID() };
    expect((await late.ask(RegenerateAnswer, { input })).regenerateAnswer).toMatchObject({ code: 'NOT_FOUND' });
    // Refused too, but for another reason: there is such a question.
    expect((await early.ask(RegenerateAnswer, { input })).regenerateAnswer).toMatchObject({ code: 'NOT_IN_ROOM' });
  });

  test('sees everything once its owner shows it, and those of before lose nothing when it is hidden again', async () => {
    const { id } = await roomWithPast('SINCE_JOIN');
    const before = await linesOf(early, id);
    expect(await changeRoom(early, { id, history: 'ALL' })).toMatchObject({ code: 'ROLE_TOO_LOW' });
    expect((await linesOf(late, id)).join()).not.toContain(CANARY);
    await changeRoom(owner, { id, history: 'ALL' });
    expect(await linesOf(late, id)).toEqual(before);
    await changeRoom(owner, { id, history: 'SINCE_JOIN' });
    expect((await linesOf(late, id)).join()).not.toContain(CANARY);
    expect(await linesOf(owner, id)).toEqual(before);
  });

  test.each(['left', 'was removed'])('who %s and comes back sees what is said from then on', async (way) => {
    const { id } = await roomWithPast('SINCE_JOIN');
    if (way === 'left') await leave(early, id);
    else await removeFrom(id, owner, early);
    await says(owner, id, `While away ${CANARY}.`);
    await addTo(id, owner, [early]);
    await says(owner, id, 'There you are.');
    expect(await linesOf(early, id)).toEqual(['ADDED', 'There you are.']);
  });

  test('who comes back is not given what they sent before by the same request', async () => {
    const { id } = await roomWithPast('SINCE_JOIN');
    const input = { chatId: id, content: 'Before.', clientId: crypto.randomUUID() };
    expect((await early.ask(SendMessage, { input })).sendMessage).toMatchObject({ message: { content: 'Before.' } });
    expect((await early.ask(SendMessage, { input })).sendMessage).toMatchObject({ message: { content: 'Before.' } });
    await leave(early, id);
    await addTo(id, owner, [early]);
    expect((await early.ask(SendMessage, { input })).sendMessage).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('has nothing unread of the past', async () => {
    const { id } = await roomWithPast('SINCE_JOIN');
    const { id: userId } = await db.user.findUniqueOrThrow({ where: { email: late.email } });
    const where = { chatId_userId: { chatId: rowId('Chat', id), userId } };
    const member = await db.chatMember.findUniqueOrThrow({ where });
    expect(member.lastReadSeq).toBeGreaterThanOrEqual(member.joinedSeq);
    const { text } = {
      text: await (await late.post('/graphql', { query: `{ chat(id: "${id}") { unreadCount } }` })).json(),
    };
    expect(text).toEqual({ data: { chat: { unreadCount: 2 } } });
  });
});

test('a room shows newcomers everything, unless it is made otherwise', async () => {
  const { id } = await roomWithPast('ALL');
  expect(await linesOf(late, id)).toEqual(await linesOf(owner, id));
  const plain = await roomOf(owner, { personIds: [await personIdOf(early)] });
  const query = `{ chat(id: "${plain}") { history } }`;
  expect(await (await early.post('/graphql', { query })).json()).toEqual({ data: { chat: { history: 'ALL' } } });
});
