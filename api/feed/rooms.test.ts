/** A room's feeds: each member receives what they may see, and what is the same for all is read and made once. */
import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';
import { print } from 'graphql';
import { beforeAll, describe, expect, onTestFailed, onTestFinished, test, vi } from 'vitest';

import { FeedDocument } from '../../web/generated/graphql.ts';
import { bus } from '../bus/bus.ts';
import { ownFieldNames } from '../chats/own-view.ts';
import { db } from '../database/db.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person } from '../testing/person.ts';
import { asks, does, HeardFeed, writes } from '../testing/plain-requests.ts';
import { openRoomWith, personIdOf, rowIdOf } from '../testing/rooms.ts';
import { openFeedCount, pollDatabase } from './open-feeds.ts';
import { memberships } from './topics/chats.ts';

useConfab();

let people: Person[];
let owner: Person;
let others: Person[];

beforeAll(async () => {
  people = await Promise.all(['ola', 'pia', 'quin', 'rob', 'sam', 'tess'].map((name) => person(name)));
  [owner, ...others] = people as [Person, ...Person[]];
});

const chatFields = `id revision resetRevision title viewerRole viewerCan pinnedAt archivedAt notify mutedAt unreadCount mentionCount firstUnreadId memberCount`;
const messageFields = `id seq clientId content editedContent isDeleted author { id name } deletedBy { id } parent { id } replyTo { id } mentions { name refusal person { id } agent { id } } reactions { emoji count viewerReacted } event { kind text people { id } }`;
const roomFeed = `subscription ($chats: [ChatCursor!]) {
  feed(chats: $chats) {
    __typename
    ... on ChatChange { revision headId chat { ${chatFields} } messages { ${messageFields} } }
    ... on ChatListChange { chat { ${chatFields} } }
    ... on ChatGone { chatId }
  }
}`;
const roomQuery = `query ($id: ID!) { chat(id: $id) { ${chatFields} messages(last: 100) { nodes { ${messageFields} } } } }`;

const pageFeed = print(FeedDocument);

async function revisionOf(chatId: string): Promise<number> {
  return (await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', chatId) } })).revision;
}

/** Writes it, and returns its id. */
async function messageOf(who: Person, chatId: string, content: string, replyToId?: string): Promise<string> {
  await does(who, 'sendMessage', { chatId, content, clientId: crypto.randomUUID(), replyToId });
  const { id } = await db.message.findFirstOrThrow({
    where: { chatId: rowId('Chat', chatId) },
    orderBy: { seq: 'desc' },
  });
  return encodeGlobalId('Message', id);
}

/** One feed each, all past their first tick. */
async function watch(those: readonly Person[], chatId: string, query = roomFeed): Promise<HeardFeed[]> {
  const chats = [{ id: chatId, after: await revisionOf(chatId) }];
  const feeds = those.map((who) => new HeardFeed(who, query, { chats, agentsVersion: '' }));
  onTestFinished(() => {
    for (const feed of feeds) feed[Symbol.dispose]();
  });
  await Promise.all(feeds.map(({ caughtUp }) => caughtUp));
  return feeds;
}

/** What the feed sent of this chat as one of the list. */
function listed(feed: HeardFeed, chatId: string): { id: string; pinnedAt: string | null }[] {
  const told = feed.of('ChatListChange').map(({ chat }) => chat as { id: string; pinnedAt: string | null });
  return told.filter(({ id }) => id === chatId);
}

/** From here on until the test's end no hint about chats and members is received. */
function loseHints(): void {
  const publish = bus.publish.bind(bus) as (...hint: unknown[]) => void;
  const losing = vi.spyOn(bus, 'publish').mockImplementation((...hint: unknown[]) => {
    if (!/^(chat|member)/.test(String(hint[0]))) publish(...hint);
  });
  onTestFinished(() => losing.mockRestore());
}

describe('a change in a room', () => {
  test('is read once and made once for all who watch it, as the page asks for it, and its author alone is told the `clientId`', async () => {
    const id = await openRoomWith(owner, ...others);
    // The document is parsed once and kept: of several first requests at once each would have its own.
    await watch([owner], await openRoomWith(owner), pageFeed);
    const feeds = await watch([owner, ...others, ...others], id, pageFeed);
    const [changes, messages] = [vi.spyOn(db.chat, 'findUnique'), vi.spyOn(db.message, 'findMany')];
    await writes(owner, id, 'To all of you.');
    await expect.poll(() => feeds.every((feed) => feed.of('ChatChange').length === 1)).toBe(true);
    const counts = [
      changes.mock.calls.filter(([{ select }]) => select?.runs).length,
      messages.mock.calls.filter(([query]) => query?.orderBy && 'seq' in query.orderBy).length,
    ];
    for (const spy of [changes, messages]) spy.mockRestore();
    // The message, and its siblings.
    expect(counts).toEqual([1, 2]);
    const told = feeds.map(
      (feed) => feed.of('ChatChange')[0] as unknown as { messages: { content: string; clientId: unknown }[] },
    );
    expect(told.map(({ messages }) => messages[0]?.content)).toEqual(feeds.map(() => 'To all of you.'));
    expect(told.map(({ messages }) => typeof messages[0]?.clientId)).toEqual(
      feeds.map((_, index) => (index ? 'object' : 'string')),
    );
  });

  test('of a message to which all have reacted is made once for all, each with what they gave', async () => {
    const id = await openRoomWith(owner, ...others);
    const messageId = await messageOf(owner, id, 'React!');
    const quoteId = await messageOf(owner, id, 'A quote.', messageId);
    for (const who of others) await does(who, 'react', { messageId, emoji: '👍' });
    const [pia, quin] = others as [Person, Person];
    await does(quin, 'react', { messageId: quoteId, emoji: '🎉' });
    const reactions = `reactions { emoji count mine: viewerReacted viewerReacted }`;
    const query = `subscription ($chats: [ChatCursor!]) { feed(chats: $chats) { __typename
      ... on ChatChange { messages { id replyTo { ${reactions} } ${reactions} } chat { revision } } } }`;
    await watch([owner], await openRoomWith(owner), query);
    const feeds = await watch(people, id, query);
    const made = vi.spyOn(db.chat, 'findFirstOrThrow');
    await does(pia, 'react', { messageId: quoteId, emoji: '👍' });
    await expect.poll(() => feeds.every((feed) => feed.of('ChatChange').length === 1)).toBe(true);
    const count = made.mock.calls.length;
    made.mockRestore();
    expect(count).toBe(1);
    const shown = (emoji: string, number: number, isOwn: boolean) => ({
      emoji,
      count: number,
      mine: isOwn,
      viewerReacted: isOwn,
    });
    for (const [index, feed] of feeds.entries()) {
      const who = people[index];
      expect(feed.of('ChatChange')[0]?.['messages'], who?.name).toEqual([
        {
          id: quoteId,
          replyTo: { reactions: [shown('👍', 5, who !== owner)] },
          reactions: [shown('🎉', 1, who === quin), shown('👍', 1, who === pia)],
        },
      ]);
    }
  });

  test('is made while each reader’s own part of it is still read, and not for who is no member', async () => {
    const [pia, quin] = others as [Person, Person];
    const id = await openRoomWith(owner, pia);
    const [watching] = (await watch([pia], id, pageFeed)) as [HeardFeed];
    const making = vi.spyOn(db.message, 'findMany');
    const made = () => making.mock.calls.filter(([query]) => query?.orderBy && 'seq' in query.orderBy).length;
    onTestFinished(() => making.mockRestore());
    const outsider = new HeardFeed(quin, pageFeed, { chats: [{ id, after: 0 }], agentsVersion: '' });
    onTestFinished(() => outsider[Symbol.dispose]());
    await outsider.caughtUp;
    expect(outsider.of('ChatGone')).toHaveLength(1);
    expect(made()).toBe(0);

    const read = Reflect.get(db, '$queryRaw') as (...statement: unknown[]) => Promise<unknown>;
    const reading = vi.spyOn(db, '$queryRaw').mockImplementation(async function (
      this: unknown,
      ...statement: unknown[]
    ) {
      // Of the members' own parts; `this` may be a transaction.
      if (String(statement[0]).includes('place.number')) await expect.poll(made).toBeGreaterThan(0);
      return read.apply(this, statement);
    } as unknown as typeof db.$queryRaw);
    onTestFinished(() => reading.mockRestore());
    await writes(owner, id, 'To all of you.');
    await expect.poll(() => watching.of('ChatChange').length).toBe(1);
  });

  test('sends each member their own role, rights, pin and unread count', async () => {
    const id = await openRoomWith(owner, ...others);
    const [pia, quin, rob] = others as [Person, Person, Person];
    await does(owner, 'setMemberRole', { chatId: id, personId: await personIdOf(pia), role: 'MODERATOR' });
    await does(quin, 'pinChat', { id });
    await writes(rob, id, 'One.');
    await does(rob, 'markRead', { chatId: id, seq: await revisionOf(id) });
    const feeds = await watch(people, id);
    await writes(owner, id, 'Two.');
    await expect.poll(() => feeds.every((feed) => feed.of('ChatChange').length === 1)).toBe(true);
    for (const [index, feed] of feeds.entries()) {
      const { chat } = await asks<{ chat: object }>(
        people[index] as Person,
        `query ($id: ID!) { chat(id: $id) { ${chatFields} } }`,
        { id },
      );
      expect(feed.of('ChatChange')[0]?.['chat'], people[index]?.name).toEqual(chat);
    }
    const own = feeds.map((feed) => feed.of('ChatChange')[0]?.['chat'] as Record<string, unknown>);
    expect(own.map(({ viewerRole }) => viewerRole)).toEqual([
      'OWNER',
      'MODERATOR',
      'MEMBER',
      'MEMBER',
      'MEMBER',
      'MEMBER',
    ]);
    expect(own.map(({ unreadCount }) => unreadCount)).toEqual([1, 2, 2, 1, 2, 2]);
    expect(own.filter(({ pinnedAt }) => pinnedAt !== null)).toHaveLength(1);
  });

  test('is made for each where more of it differs than those fields', async () => {
    const id = await openRoomWith(owner, ...others);
    for (const who of people) await writes(who, id, `From ${who.name}.`);
    const query = `subscription ($chats: [ChatCursor!]) { feed(chats: $chats) { __typename
      ... on ChatChange { chat { more: messages(last: 50) { nodes { clientId content } } } } } }`;
    const feeds = await watch(people, id, query);
    await does(owner, 'updateRoom', { id, title: 'Renamed' });
    await expect.poll(() => feeds.every((feed) => feed.of('ChatChange').length === 1)).toBe(true);
    for (const [index, feed] of feeds.entries()) {
      const { chat } = feed.of('ChatChange')[0] as unknown as {
        chat: { more: { nodes: { clientId: unknown; content: string }[] } };
      };
      const own = chat.more.nodes.filter(({ clientId }) => clientId !== null);
      expect(own.map(({ content }) => content)).toEqual([`From ${people[index]?.name}.`]);
    }
  });

  test('breaks the stream of whoever is removed while it is made for them, without an error', async () => {
    const [pia] = others as [Person];
    const id = await openRoomWith(owner, pia);
    const query = `subscription ($chats: [ChatCursor!]) { feed(chats: $chats) { __typename
      ... on ChatChange { chat { title messages(last: 50) { nodes { clientId } } } } } }`;
    const variables = { chats: [{ id, after: await revisionOf(id) }] };
    const stream = await fetch(`${pia.url}/graphql`, {
      method: 'POST',
      headers: { ...pia.headers, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query, variables }),
    });
    let told = '';
    const reading = (async () => {
      for await (const piece of stream.body ?? []) told += Buffer.from(piece).toString();
    })();
    await expect.poll(() => told).toContain('Tick');
    const read = db.chat.findFirstOrThrow.bind(db.chat);
    const making = vi.spyOn(db.chat, 'findFirstOrThrow').mockImplementation((async (asked: never) => {
      making.mockRestore();
      await does(owner, 'removeMember', { chatId: id, personId: await personIdOf(pia), ban: false });
      return read(asked);
    }) as never);
    await does(owner, 'updateRoom', { id, title: 'Renamed' });
    await expect(reading).rejects.toThrow('terminated');
    expect(told).not.toMatch(/errors|Renamed/);
  });

  test('is sent to those who watch another chat as a change of the list, each with their own count', async () => {
    const id = await openRoomWith(owner, ...others);
    const elsewhere = await openRoomWith(owner, ...others);
    const feeds = await watch(others, elsewhere);
    await writes(owner, id, 'News.');
    await expect.poll(() => feeds.every((feed) => feed.of('ChatListChange').length > 0)).toBe(true);
    for (const feed of feeds) expect(feed.of('ChatListChange')[0]?.['chat']).toMatchObject({ id, unreadCount: 1 });
    expect(feeds.flatMap((feed) => feed.of('ChatChange'))).toEqual([]);
  });

  test('of what newcomers see raises `resetRevision`, so that messages are fetched again', async () => {
    const [pia, quin] = others as [Person, Person];
    const id = await openRoomWith(owner, pia);
    await writes(owner, id, 'Before.');
    await does(quin, 'joinRoom', { id });
    const feeds = await watch([pia, quin], id);
    const contents = async () =>
      (await fetched(quin, id)).messages.map((message) => (message as { content: string }).content).filter(Boolean);
    expect(await contents()).toEqual(['Before.']);
    for (const history of ['SINCE_JOIN', 'ALL']) {
      const revision = (await revisionOf(id)) + 1;
      await does(owner, 'updateRoom', { id, history });
      for (const feed of feeds)
        await expect
          .poll(() => feed.of('ChatChange').at(-1))
          .toMatchObject({ revision, messages: [], chat: { resetRevision: revision } });
      expect(await contents()).toEqual(history === 'ALL' ? ['Before.'] : []);
    }
    const resetRevision = await revisionOf(id);
    await does(owner, 'updateRoom', { id, topic: 'Another' });
    await expect.poll(() => feeds[0]?.of('ChatChange').length).toBe(3);
    expect(feeds[0]?.of('ChatChange').at(-1)).toMatchObject({ chat: { resetRevision } });
  });

  test('is hinted at in as many bytes, whatever the number of members', async () => {
    const id = await openRoomWith(owner, ...others);
    const hints: string[] = [];
    const stop = bus.listen('chatChanged', (...said) => hints.push(JSON.stringify(said)));
    await writes(owner, id, 'Hello.');
    stop();
    expect(hints).toEqual([JSON.stringify([rowId('Chat', id), await revisionOf(id)])]);
  });
});

describe('who comes and goes', () => {
  test('receives the room at once, and its end at once, watched or not', async () => {
    const [pia, quin] = others as [Person, Person];
    const id = await openRoomWith(owner, quin);
    const [watching] = (await watch([quin], id)) as [HeardFeed];
    const [looking] = (await watch([pia], await openRoomWith(owner, pia))) as [HeardFeed];
    await does(owner, 'addMembers', { chatId: id, personIds: [await personIdOf(pia)] });
    await expect.poll(() => looking.of('ChatListChange').at(-1)?.['chat']).toMatchObject({ id });
    await writes(owner, id, 'Welcome.');
    await expect.poll(() => looking.of('ChatListChange').at(-1)?.['chat']).toMatchObject({ id, unreadCount: 1 });

    for (const who of [pia, quin])
      await does(owner, 'removeMember', { chatId: id, personId: await personIdOf(who), ban: false });
    for (const feed of [watching, looking])
      await expect.poll(() => feed.of('ChatGone')).toEqual([{ __typename: 'ChatGone', chatId: id }]);
    const heard = [watching.events.length, looking.events.length];
    await writes(owner, id, 'They are gone.');
    await pollDatabase();
    await writes(owner, await openRoomWith(owner, pia, quin), 'Here we are.');
    await expect
      .poll(() => [watching, looking].every((feed, index) => feed.events.length > (heard[index] ?? 0)))
      .toBe(true);
    for (const feed of [watching, looking]) expect(JSON.stringify(feed.events)).not.toContain('They are gone.');
  });

  test('is sent to all feeds of a person, though the read of one finds the end before any hint of it', async () => {
    const [pia] = others as [Person];
    const id = await openRoomWith(owner, pia);
    const [looking] = (await watch([pia], await openRoomWith(owner, pia))) as [HeardFeed];
    const userId = rowId('Person', await personIdOf(pia));
    // As it is for a read between the commit and the hint.
    await db.$executeRaw`
      UPDATE chat_member SET left_at = now() WHERE chat_id = ${rowId('Chat', id)}::uuid AND user_id = ${userId}::uuid`;
    const [reading] = (await watch([pia], id)) as [HeardFeed];
    bus.publish('memberGone', rowId('Chat', id), userId);
    for (const feed of [reading, looking]) {
      await expect.poll(() => feed.of('ChatGone')).toEqual([{ __typename: 'ChatGone', chatId: id }]);
    }
    await pollDatabase();
    for (const feed of [reading, looking]) expect(feed.of('ChatGone')).toHaveLength(1);
  });

  test('is found by the next poll where no hint came, and so are a person’s own settings', async () => {
    const [pia, quin, rob] = others as [Person, Person, Person];
    const id = await openRoomWith(owner, quin, rob);
    const [added, removed, pinning] = (await watch([pia, quin, rob], id)) as [HeardFeed, HeardFeed, HeardFeed];
    await expect.poll(() => added.of('ChatGone')).toHaveLength(1);
    loseHints();
    await does(owner, 'addMembers', { chatId: id, personIds: [await personIdOf(pia)] });
    await does(owner, 'removeMember', { chatId: id, personId: await personIdOf(quin), ban: false });
    await does(rob, 'pinChat', { id });
    await pollDatabase();
    // The poll finds other rooms that changed lately too.
    await expect.poll(() => listed(added, id).at(-1)).toMatchObject({ id });
    await expect.poll(() => removed.of('ChatGone').length).toBeGreaterThan(0);
    await expect.poll(() => JSON.stringify(pinning.events)).toMatch(/"pinnedAt":"20/);

    const told = () => listed(pinning, id).map(({ pinnedAt }) => pinnedAt);
    await does(rob, 'unpinChat', { id });
    await pollDatabase();
    await expect.poll(() => told().at(-1)).toBeNull();
    // What was sent is not sent again.
    const heard = told().length;
    await pollDatabase();
    await does(rob, 'pinChat', { id });
    await pollDatabase();
    await expect.poll(() => told().at(-1)).toEqual(expect.any(String));
    expect(told()).toHaveLength(heard + 1);
  });

  test('receives the room after a return, though a read from before it ends after it', async () => {
    const [pia] = others as [Person];
    const id = await openRoomWith(owner, pia);
    const piaId = await personIdOf(pia);
    const [looking] = (await watch([pia], await openRoomWith(owner, pia))) as [HeardFeed];
    const tell = Reflect.get(db, '$queryRaw') as (
      ...statement: unknown[]
    ) => Promise<{ chats?: { id: string }[] | null }[]>;
    const back = Promise.withResolvers<void>();
    // The read of a person's own settings, with what they depend on of the chat.
    const reading = vi.spyOn(db, '$queryRaw').mockImplementation(async function (
      this: unknown,
      ...statement: unknown[]
    ) {
      // `this` may be a transaction.
      const rows = await tell.apply(this, statement);
      if (!rows[0]?.chats?.some((chat) => chat.id === rowId('Chat', id))) return rows;
      reading.mockRestore();
      await does(owner, 'addMembers', { chatId: id, personIds: [piaId] });
      back.resolve();
      return rows;
    } as unknown as typeof db.$queryRaw);
    onTestFinished(() => reading.mockRestore());
    await does(owner, 'removeMember', { chatId: id, personId: piaId, ban: false });
    await back.promise;
    await expect.poll(() => listed(looking, id).at(-1)).toMatchObject({ id });
    // By hints, not only by the next poll.
    expect(memberships.has(rowId('Chat', id), rowId('Person', piaId))).toBe(true);
    await writes(owner, id, 'Welcome back.');
    await expect.poll(() => listed(looking, id).at(-1)).toMatchObject({ id, unreadCount: 1 });
  });

  test('is told a room as gone and then as new, where what they saw is hidden after a return', async () => {
    const [pia] = others as [Person];
    const id = await openRoomWith(owner, pia);
    await does(owner, 'updateRoom', { id, history: 'SINCE_JOIN' });
    await writes(owner, id, 'Seen.');
    const chats = [{ id, after: await revisionOf(id) }];
    const [connected] = (await watch([pia], id)) as [HeardFeed];
    loseHints();
    const personId = await personIdOf(pia);
    await does(owner, 'removeMember', { chatId: id, personId, ban: false });
    await does(owner, 'addMembers', { chatId: id, personIds: [personId] });
    await pollDatabase();
    using reconnected = new HeardFeed(pia, roomFeed, { chats, agentsVersion: '' });
    for (const feed of [connected, reconnected]) {
      const told = () => feed.events.map(({ __typename }) => __typename).filter((type) => type?.startsWith('Chat'));
      await expect.poll(() => told().slice(-2)).toEqual(['ChatGone', 'ChatListChange']);
    }
  });

  test('is told a room as gone and then as new after a return that was not noticed, whatever they see then', async () => {
    const [pia] = others as [Person];
    const id = await openRoomWith(owner, pia);
    const [feed] = (await watch([pia], id)) as [HeardFeed];
    loseHints();
    const personId = await personIdOf(pia);
    await does(owner, 'removeMember', { chatId: id, personId, ban: false });
    await does(owner, 'addMembers', { chatId: id, personIds: [personId] });
    await pollDatabase();
    const told = () => feed.events.map(({ __typename }) => __typename).filter((type) => type?.startsWith('Chat'));
    await expect.poll(() => told().slice(-2)).toEqual(['ChatGone', 'ChatListChange']);
  });

  test('leaves nothing in the table of members', async () => {
    const id = await openRoomWith(owner, ...others);
    const feeds = await watch(people, id);
    expect([...memberships.membersOf(rowId('Chat', id))].toSorted()).toEqual(
      (await Promise.all(people.map(rowIdOf))).toSorted(),
    );
    for (const feed of feeds) feed[Symbol.dispose]();
    await expect.poll(openFeedCount).toBe(0);
    expect(memberships.size).toBe(0);
  });
});

/** What a client of the room knows, and how it learns: by rows, as web/store/reduce.ts does. */
class Client {
  readonly #who: Person;
  readonly #id: string;
  #chat: Record<string, unknown> | null = null;
  readonly #messages = new Map<string, object>();
  #revision = 0;
  #feed: HeardFeed | null = null;
  /** How many events the chat had. */
  #heardCount = 0;
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(who: Person, id: string) {
    this.#who = who;
    this.#id = id;
  }

  get known() {
    return { chat: this.#chat, messages: this.#chat ? [...this.#messages.values()].toSorted(bySeq) : [] };
  }

  /** From a fresh fetch on. */
  open(): Promise<void> {
    return this.#inTurn(() => this.#reload());
  }

  /** From what is known on. A person who is out of the room waits for it. */
  reconnect(): Promise<void> {
    return this.#inTurn(() => this.#connect());
  }

  close(): Promise<void> {
    return this.#inTurn(async () => this.#feed?.[Symbol.dispose]());
  }

  /** One after the other: no step waits for a feed that another one has closed. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lastTurn.then(work);
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }

  async #reload(): Promise<void> {
    this.#feed?.[Symbol.dispose]();
    const { chat, messages } = await fetched(this.#who, this.#id);
    this.#chat = chat;
    this.#messages.clear();
    for (const message of messages) this.#messages.set((message as { id: string }).id, message);
    this.#revision = Number(chat?.['revision'] ?? 0);
    await this.#connect();
  }

  async #connect(): Promise<void> {
    this.#feed?.[Symbol.dispose]();
    const chats = this.#chat ? [{ id: this.#id, after: this.#revision }] : [];
    this.#feed = new HeardFeed(this.#who, roomFeed, { chats }, (event) => this.#hear(event));
    await this.#feed.caughtUp;
    await this.#fetchOwn();
  }

  /** As the page does when it is back: a person's own settings are sent as they change, and never afterwards. */
  async #fetchOwn(): Promise<void> {
    while (this.#chat) {
      const before = this.#heardCount;
      const { chat } = await fetched(this.#who, this.#id);
      const own = Object.entries(chat ?? {}).filter(([field]) => ownFieldNames.has(field));
      // What is sent meanwhile may be newer.
      if (before === this.#heardCount) return void Object.assign(this.#chat, Object.fromEntries(own));
    }
  }

  #hear(event: { __typename: string; [field: string]: unknown }): void {
    const chat = event['chat'] as { id: string; resetRevision: number } | undefined;
    if (chat?.id === this.#id || event['chatId'] === this.#id) this.#heardCount += 1;
    if (event.__typename === 'ChatGone' && event['chatId'] === this.#id) this.#chat = null;
    if (chat?.id !== this.#id) return;
    // It is seen again, or looks different: a client fetches it.
    const isOld = this.#chat && chat.resetRevision > Number(this.#chat['resetRevision']);
    if (!this.#chat || isOld) return void this.open().catch(() => undefined);
    this.#chat = { ...chat };
    for (const message of (event['messages'] ?? []) as { id: string }[]) this.#messages.set(message.id, message);
    if (event['revision'] !== undefined) this.#revision = Number(event['revision']);
  }
}

const bySeq = (one: object, other: object) => (one as { seq: number }).seq - (other as { seq: number }).seq;

async function fetched(who: Person, id: string) {
  const { chat } = await asks<{ chat: (Record<string, unknown> & { messages: { nodes: object[] } }) | null }>(
    who,
    roomQuery,
    { id },
  );
  if (!chat) return { chat, messages: [] };
  const { messages, ...fields } = chat;
  return { chat: fields as Record<string, unknown>, messages: messages.nodes };
}

const SEED = Number(process.env['SYNC_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

const deeds = [
  'write',
  'edit',
  'delete',
  'rename',
  'topic',
  'hide',
  'show',
  'close',
  'reopen',
  'mute',
  'react',
  'unreact',
  'reply',
  'mention',
  'addAgent',
  'removeAgent',
  'ask',
  'pin',
  'unpin',
  'archive',
  'unarchive',
  'read',
  'promote',
  'demote',
  'remove',
  'add',
  'leave',
  'join',
] as const;

test(
  'what a member knew, with all that was told since, is what a fresh fetch gives, while members come and go',
  { timeout: 120_000 },
  async () => {
    onTestFailed(() => console.log(`SYNC_SEED=${SEED}`));
    const [moderator, guest] = others as [Person, Person];
    const guestId = await personIdOf(guest);
    const guestHandle = (await db.handle.findUniqueOrThrow({ where: { userId: rowId('Person', guestId) } })).name;
    const echo = await db.agent.findFirstOrThrow({ where: { provider: 'ECHO' } });
    const echoId = encodeGlobalId('Agent', echo.id);
    const step = fc.record({
      deed: fc.constantFrom(...deeds),
      by: fc.constantFrom(owner, moderator, guest),
      at: fc.nat({ max: 1_000 }),
      cut: fc.boolean(),
      isLost: fc.boolean(),
    });
    const publish = bus.publish.bind(bus) as (...hint: unknown[]) => void;
    const publishing = vi.spyOn(bus, 'publish');
    onTestFinished(() => publishing.mockRestore());

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 20 }), async (steps) => {
        const id = await openRoomWith(owner, moderator, guest);
        await does(owner, 'setMemberRole', { chatId: id, personId: await personIdOf(moderator), role: 'MODERATOR' });
        const watchers = [moderator, guest].map((who) => [who, new Client(who, id)] as const);
        try {
          for (const [, client] of watchers) await client.open();
          for (const { deed, by, at, cut, isLost } of steps) {
            if (cut) for (const [, client] of watchers) await client.close();
            publishing.mockImplementation((...hint: unknown[]) => void (isLost || publish(...hint)));
            await doDeed(deed, by, at, id);
            publishing.mockImplementation(publish);
            if (cut) for (const [, client] of watchers) await client.reconnect();
            if (isLost) await pollDatabase();
            for (const [who, client] of watchers) {
              // An agent may still be answering, so that what is fetched changes too.
              const differs = async () => {
                const [fresh, known] = [await fetched(who, id), client.known];
                return isDeepStrictEqual(fresh, known) ? null : { fresh, known };
              };
              await expect.poll(differs, { message: `${who.name} after ${deed} by ${by.name}` }).toBeNull();
            }
          }
        } finally {
          for (const [, client] of watchers) await client.close();
        }
      }),
      { numRuns: 4, seed: SEED, endOnFailure: true },
    );

    /** Refusals are fine: they change nothing. */
    async function doDeed(deed: (typeof deeds)[number], by: Person, at: number, id: string): Promise<void> {
      const messages = await db.message.findMany({
        where: { chatId: rowId('Chat', id), role: 'USER' },
        orderBy: { seq: 'asc' },
      });
      const message = messages.length > 0 ? `Message_${messages[at % messages.length]?.id}` : null;
      const says = (who: Person, content: string, replyToId?: string) =>
        does(who, 'sendMessage', { chatId: id, content, clientId: crypto.randomUUID(), replyToId });
      const verbs: Record<typeof deed, () => Promise<unknown> | undefined> = {
        write: () => writes(by, id, `Words ${at}.`),
        edit: () => (message ? does(by, 'editMessage', { id: message, content: `Other words ${at}.` }) : undefined),
        delete: () => (message ? does(by, 'deleteMessage', { id: message }) : undefined),
        rename: () => does(by, 'updateRoom', { id, title: `Title ${at}` }),
        topic: () => does(by, 'updateRoom', { id, topic: `Topic ${at}` }),
        hide: () => does(owner, 'updateRoom', { id, history: 'SINCE_JOIN' }),
        show: () => does(owner, 'updateRoom', { id, history: 'ALL' }),
        close: () => does(owner, 'updateRoom', { id, isClosed: true }),
        reopen: () => does(owner, 'updateRoom', { id, isClosed: false }),
        mute: () => does(by, 'setRoomNotifications', { chatId: id, isMuted: at % 2 === 0 }),
        react: () => (message ? does(by, 'react', { messageId: message, emoji: '👍' }) : undefined),
        unreact: () => (message ? does(by, 'unreact', { messageId: message, emoji: '👍' }) : undefined),
        reply: () => (message ? says(by, `A reply ${at}.`, message) : undefined),
        mention: () => says(by, `Dear @${guestHandle} and @room, ${at}.`),
        addAgent: () => does(owner, 'addRoomAgent', { chatId: id, agentId: echoId }),
        removeAgent: () => does(owner, 'removeRoomAgent', { chatId: id, agentId: echoId }),
        ask: () => says(by, `@echo, ${at}?`),
        pin: () => does(by, 'pinChat', { id }),
        unpin: () => does(by, 'unpinChat', { id }),
        archive: () => does(by, 'archiveChat', { id }),
        unarchive: () => does(by, 'unarchiveChat', { id }),
        read: () => does(by, 'markRead', { chatId: id, seq: at }),
        promote: () => does(owner, 'setMemberRole', { chatId: id, personId: guestId, role: 'MODERATOR' }),
        demote: () => does(owner, 'setMemberRole', { chatId: id, personId: guestId, role: 'MEMBER' }),
        remove: () => does(moderator, 'removeMember', { chatId: id, personId: guestId, ban: false }),
        add: () => does(owner, 'addMembers', { chatId: id, personIds: [guestId] }),
        leave: () => does(guest, 'leaveRoom', { id }),
        join: () => does(guest, 'joinRoom', { id }),
      };
      await verbs[deed]();
    }
  },
);
