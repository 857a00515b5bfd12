/** Who is here and who types: sent to the members of a watched room, and to no others. */
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import { bus } from '../bus/bus.ts';
import { db } from '../database/db.ts';
import { rowId } from '../ids.ts';
import { presences, ROUND_MS } from '../presence/presence.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person } from '../testing/person.ts';
import { asks, does, HeardFeed, writes } from '../testing/plain-requests.ts';
import { openRoomWith, personIdOf } from '../testing/rooms.ts';
import { openFeedCount } from './open-feeds.ts';

useConfab();

let owner: Person;
let pia: Person;
let quin: Person;
let outsider: Person;

beforeAll(async () => {
  [owner, pia, quin, outsider] = (await Promise.all(['ola', 'pia', 'quin', 'out'].map((name) => person(name)))) as [
    Person,
    Person,
    Person,
    Person,
  ];
});

beforeEach(async () => {
  // The feeds of the test before close a moment after their readers.
  while (openFeedCount() > 0) await new Promise((resolve) => setImmediate(resolve));
  await isLater(20_000);
});

const feedQuery = `subscription ($chats: [ChatCursor!], $isActive: Boolean) {
  feed(chats: $chats, isActive: $isActive) {
    __typename
    ... on PresenceChange { chatId people { personId presence } }
    ... on TypingChange { chatId people { id name } }
    ... on ChatChange { messages { content } }
  }
}`;

async function open(who: Person, chatId?: string, isActive = true): Promise<HeardFeed> {
  const feed = new HeardFeed(who, feedQuery, { chats: chatId ? [{ id: chatId, after: 0 }] : [], isActive });
  onTestFinished(() => feed[Symbol.dispose]());
  await feed.caughtUp;
  return feed;
}

/** The clock goes on by so much, and the nodes exchange presence. */
async function isLater(ms: number): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
  await presences.round();
  vi.useRealTimers();
}

async function presenceIn(chatId: string, who: Person): Promise<string | undefined> {
  const query = `query ($id: ID!) { chat(id: $id) { members { nodes { presence person { id } } } } }`;
  const { chat } = await asks<{ chat: { members: { nodes: { presence: string; person: { id: string } }[] } } }>(
    owner,
    query,
    {
      id: chatId,
    },
  );
  const id = await personIdOf(who);
  return chat.members.nodes.find(({ person: { id: personId } }) => personId === id)?.presence;
}

/** The last that this feed received of that person. */
function told(feed: HeardFeed, personId: string): string | undefined {
  return feed
    .of('PresenceChange')
    .flatMap(({ people }) => people as { personId: string; presence: string }[])
    .findLast((each) => each.personId === personId)?.presence;
}

describe('presence', () => {
  test('comes and goes with open feeds, is AWAY while all of them are idle, and outlives a page that is loaded again', async () => {
    const id = await openRoomWith(owner, pia);
    const watching = await open(owner, id);
    const elsewhere = await open(outsider, await openRoomWith(outsider));
    const piaId = await personIdOf(pia);
    expect(await presenceIn(id, pia)).toBe('OFFLINE');

    const idle = await open(pia, undefined, false);
    expect(await presenceIn(id, pia)).toBe('AWAY');
    await presences.round();
    await expect.poll(() => told(watching, piaId)).toBe('AWAY');
    const active = await open(pia, undefined, true);
    await presences.round();
    await expect.poll(() => told(watching, piaId)).toBe('ONLINE');
    active[Symbol.dispose]();
    await expect.poll(async () => (await presences.round(), told(watching, piaId))).toBe('AWAY');

    idle[Symbol.dispose]();
    await expect.poll(openFeedCount).toBe(2);
    await isLater(5_000);
    expect(await presenceIn(id, pia)).toBe('AWAY');
    await isLater(15_000);
    await expect.poll(() => told(watching, piaId)).toBe('OFFLINE');
    expect(await presenceIn(id, pia)).toBe('OFFLINE');
    expect(told(elsewhere, piaId)).toBeUndefined();
  });

  test('is sent for 200 people at once and once in two seconds, the others and what changes meanwhile with the next event', async () => {
    const id = await openRoomWith(owner, pia);
    const began = performance.now();
    const watching = await open(owner, id);
    const people = await db.user.createManyAndReturn({
      data: Array.from({ length: 250 }, (_, index) => ({
        name: `N${index}`,
        email: `${crypto.randomUUID()}@example.org`,
      })),
      select: { id: true },
    });
    const chatId = rowId('Chat', id);
    await db.chatMember.createMany({ data: people.map(({ id: userId }) => ({ chatId, userId })) });
    const here = people.map((each) => presences.open(each.id, true));
    onTestFinished(() => here.forEach((each) => each[Symbol.dispose]()));
    const sizes = () => watching.of('PresenceChange').map(({ people: all }) => (all as unknown[]).length);
    const sum = () => sizes().reduce((all, size) => all + size, 0);
    await presences.round();
    await expect.poll(sum).toBeGreaterThanOrEqual(200);
    const piaId = await personIdOf(pia);
    // Rounds that are not two seconds apart, as those of the clock and what was left over by the one before.
    for (let times = 0; times < 3; times += 1) {
      const comes = presences.open(rowId('Person', piaId), true);
      await presences.round();
      await expect.poll(() => told(watching, piaId)).toBe('ONLINE');
      comes[Symbol.dispose]();
      const isIdle = presences.open(rowId('Person', piaId), false);
      await presences.round();
      await expect.poll(() => told(watching, piaId)).toBe('AWAY');
      isIdle[Symbol.dispose]();
    }
    await expect.poll(sum).toBeGreaterThanOrEqual(250);
    expect(Math.max(...sizes())).toBeLessThanOrEqual(200);
    // However slow this machine is, so many fit into the time.
    expect(sizes().length).toBeLessThanOrEqual(1 + (performance.now() - began) / ROUND_MS);
  });
});

describe('who writes', () => {
  const writing = (feed: HeardFeed) =>
    (feed.of('TypingChange').at(-1)?.['people'] as { name: string }[] | undefined)?.map(({ name }) => name);

  test('is sent to the members who watch, until the message is sent or typing ends', async () => {
    const id = await openRoomWith(owner, pia, quin);
    const watching = await open(owner, id);
    const elsewhere = await open(quin);
    const strange = await open(outsider, id);
    expect(await does(pia, 'setTyping', { chatId: id })).toBe('SetTypingPayload');
    await expect.poll(() => writing(watching)).toEqual(['pia']);
    await does(quin, 'setTyping', { chatId: id });
    await expect.poll(() => writing(watching)).toEqual(['pia', 'quin']);
    await writes(pia, id, 'There.');
    await expect.poll(() => writing(watching)).toEqual(['quin']);

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 7_000 });
    onTestFinished(() => void vi.useRealTimers());
    await expect.poll(() => writing(watching)).toEqual([]);
    for (const feed of [elsewhere, strange]) expect(feed.of('TypingChange')).toEqual([]);
  });

  test('is said by members alone, and of those who are removed no longer', async () => {
    const id = await openRoomWith(owner, pia);
    const watching = await open(owner, id);
    expect(await does(outsider, 'setTyping', { chatId: id })).toBe('NotFoundError');
    expect(writing(watching)).toBeUndefined();
    await does(pia, 'setTyping', { chatId: id });
    await expect.poll(() => writing(watching)).toEqual(['pia']);
    await does(owner, 'removeMember', { chatId: id, personId: await personIdOf(pia), ban: false });
    await expect.poll(() => writing(watching)).toEqual([]);

    await does(owner, 'updateRoom', { id, isClosed: true });
    expect(await does(owner, 'setTyping', { chatId: id })).toBe('ForbiddenError');
  });

  test('costs one hint in two seconds, however often it is said', async () => {
    const id = await openRoomWith(owner, pia);
    const hints: string[] = [];
    const stop = bus.listen('typing', (chatId) => void hints.push(chatId));
    onTestFinished(stop);
    for (let times = 0; times < 5; times += 1) await does(pia, 'setTyping', { chatId: id });
    expect(hints).toEqual([rowId('Chat', id)]);
  });
});
