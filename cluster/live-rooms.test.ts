/** A room whose members are at different nodes. */
import { beforeAll, expect, onTestFinished, test } from 'vitest';

import { testCluster, useCluster } from '../api/testing/use-cluster.ts';
import { type Person, person } from '../api/testing/person.ts';
import { asks, does, HeardFeed, writes } from '../api/testing/plain-requests.ts';
import { openRoomWith, personIdOf } from '../api/testing/rooms.ts';

useCluster({ nodes: 3 });

let ann: Person;
let ben: Person;

beforeAll(async () => {
  [ann, ben] = (await Promise.all(['ann', 'ben'].map((name) => person(name)))) as [Person, Person];
});

const feedQuery = `subscription ($chats: [ChatCursor!]) {
  feed(chats: $chats) {
    __typename
    ... on ChatChange { messages { content } }
    ... on ChatGone { chatId }
    ... on PresenceChange { people { personId presence } }
    ... on TypingChange { people { name } }
  }
}`;

const at = (who: Person, place: number) => who.at(testCluster().node(place).url);

async function watch(who: Person, chatId: string): Promise<HeardFeed> {
  const feed = new HeardFeed(who, feedQuery, { chats: [{ id: chatId, after: 0 }] });
  onTestFinished(() => feed[Symbol.dispose]());
  await feed.caughtUp;
  return feed;
}

const told = (feed: HeardFeed) => JSON.stringify(feed.events);

test('a message, and who writes it, reach members on every node, and a removal closes the room on another within 2 s', async () => {
  const id = await openRoomWith(at(ann, 0), ben);
  const [here, there] = [await watch(at(ann, 0), id), await watch(at(ben, 1), id)];
  await does(at(ann, 2), 'setTyping', { chatId: id });
  for (const feed of [here, there]) await expect.poll(() => told(feed)).toContain('"people":[{"name":"ann"}]');
  await writes(at(ann, 2), id, 'From the third node.');
  for (const feed of [here, there]) await expect.poll(() => told(feed)).toContain('From the third node.');
  for (const feed of [here, there])
    await expect.poll(() => feed.of('TypingChange').at(-1)).toMatchObject({ people: [] });

  const personId = await personIdOf(ben);
  const began = performance.now();
  await does(at(ann, 2), 'removeMember', { chatId: id, personId, ban: false });
  await writes(at(ann, 2), id, 'Among us.');
  await expect.poll(() => told(there), { interval: 20 }).toContain('ChatGone');
  expect(performance.now() - began).toBeLessThan(2_000);
  await expect.poll(() => told(here)).toContain('Among us.');
  expect(told(there)).not.toContain('Among us.');

  await does(at(ann, 0), 'addMembers', { chatId: id, personIds: [personId] });
  const again = await watch(at(ben, 1), id);
  await writes(at(ann, 2), id, 'Together again.');
  await expect.poll(() => told(again)).toContain('Together again.');
});

test('people on a node that is killed are offline for the others after a while, and online where they come back', async () => {
  const id = await openRoomWith(at(ann, 0), ben);
  const watching = await watch(at(ann, 0), id);
  const benId = await personIdOf(ben);
  const presence = () =>
    watching
      .of('PresenceChange')
      .flatMap(({ people }) => people as { personId: string; presence: string }[])
      .findLast(({ personId }) => personId === benId)?.presence;
  const asked = async () => {
    const query = 'query ($id: ID!) { chat(id: $id) { members { nodes { presence person { id } } } } }';
    const { chat } = await asks<{ chat: { members: { nodes: { presence: string; person: { id: string } }[] } } }>(
      at(ann, 0),
      query,
      { id },
    );
    return chat.members.nodes.find(({ person: { id: personId } }) => personId === benId)?.presence;
  };
  await watch(at(ben, 1), id);
  await expect.poll(asked).toBe('ONLINE');
  await testCluster().killNode(1);
  await expect.poll(presence, { timeout: 30_000 }).toBe('OFFLINE');
  expect(await asked()).toBe('OFFLINE');

  await watch(at(ben, 2), id);
  await expect.poll(presence).toBe('ONLINE');
  expect(await asked()).toBe('ONLINE');
  await testCluster().startNode(1);
});
