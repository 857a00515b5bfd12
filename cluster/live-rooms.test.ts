/** A room whose members are at different nodes. */
import { print } from 'graphql';
import { beforeAll, expect, onTestFinished, test } from 'vitest';

import { testCluster, useCluster } from '../api/testing/use-cluster.ts';
import { type Person, person, wordsOf } from '../api/testing/person.ts';
import { ListAgents } from '../api/testing/documents.ts';
import { asks, does, HeardFeed, writes } from '../api/testing/plain-requests.ts';
import { openRoomWith, personIdOf, roomOf, says } from '../api/testing/rooms.ts';
import { FeedDocument } from '../web/generated/graphql.ts';

useCluster({ nodes: 3, settings: { METRICS: 'open', FEEDS_PER_USER: '100' } });

let administrator: Person;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  administrator = await person('administrator');
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

test('a message, and who writes it, reach members on every node, and a removal closes the room on another', async () => {
  const id = await openRoomWith(at(ann, 0), ben);
  const [here, there] = [await watch(at(ann, 0), id), await watch(at(ben, 1), id)];
  await does(at(ann, 2), 'setTyping', { chatId: id });
  for (const feed of [here, there]) await expect.poll(() => told(feed)).toContain('"people":[{"name":"ann"}]');
  await writes(at(ann, 2), id, 'From the third node.');
  for (const feed of [here, there]) await expect.poll(() => told(feed)).toContain('From the third node.');
  for (const feed of [here, there])
    await expect.poll(() => feed.of('TypingChange').at(-1)).toMatchObject({ people: [] });

  const personId = await personIdOf(ben);
  await does(at(ann, 2), 'removeMember', { chatId: id, personId, ban: false });
  await writes(at(ann, 2), id, 'Among us.');
  await expect.poll(() => told(there)).toContain('ChatGone');
  await expect.poll(() => told(here)).toContain('Among us.');
  expect(told(there)).not.toContain('Among us.');

  await does(at(ann, 0), 'addMembers', { chatId: id, personIds: [personId] });
  const again = await watch(at(ben, 1), id);
  await writes(at(ann, 2), id, 'Together again.');
  await expect.poll(() => told(again)).toContain('Together again.');
});

/** What ends somebody's sight of a room, and how the feed that they have open tells it. */
const waysOut: Record<
  string,
  { go: (who: Person, chatId: string) => Promise<string>; isTold: (feed: HeardFeed) => boolean }
> = {
  'is removed': {
    go: async (who, chatId) =>
      does(at(ann, 2), 'removeMember', { chatId, personId: await personIdOf(who), ban: false }),
    isTold: (feed) => feed.of('ChatGone').length > 0,
  },
  leaves: {
    go: (who, chatId) => does(at(who, 2), 'leaveRoom', { id: chatId }),
    isTold: (feed) => feed.of('ChatGone').length > 0,
  },
  'is disabled': {
    go: async (who) => does(at(administrator, 2), 'disablePerson', { id: await personIdOf(who) }),
    isTold: (feed) => feed.hasEnded || feed.error !== null,
  },
};

test.each(Object.entries(waysOut))(
  'the feed and the stream of a run of somebody who %s end on another node within 2 s',
  async (_name, { go, isTold }) => {
    const cat = await person('cat');
    const { agents } = await ann.ask(ListAgents, {});
    const agentIds = agents.filter(({ handle }) => handle === 'claude').map(({ id }) => id);
    const id = await roomOf(at(ann, 0), { personIds: [await personIdOf(cat)], agentIds });
    const [here, there] = [await watch(at(ann, 0), id), await watch(at(cat, 1), id)];
    const held = testCluster().model.hold();
    await says(at(ann, 0), id, '@claude, tell us.');
    await held.arrived;
    held.begin().write('Once ');
    const { chat } = await asks<{ chat: { activeRuns: { id: string }[] } }>(
      at(ann, 0),
      'query ($id: ID!) { chat(id: $id) { activeRuns { id } } }',
      { id },
    );
    const runId = chat.activeRuns[0]?.id ?? '';
    const staying = Array.fromAsync(at(ann, 1).follows(runId));
    const heard: string[] = [];
    const following = (async () => {
      for await (const event of at(cat, 1).follows(runId)) heard.push(wordsOf([event]));
    })();
    let isOver = false;
    const ended = following.catch(() => {}).then(() => (isOver = true));
    await expect.poll(() => heard.join('')).toBe('Once ');
    expect([isOver, isTold(there)]).toEqual([false, false]);

    const began = performance.now();
    await go(cat, id);
    await expect.poll(() => isOver && isTold(there), { interval: 20 }).toBe(true);
    expect(performance.now() - began).toBeLessThan(2_000);
    await ended;

    await writes(at(ann, 2), id, 'Among us.');
    held.write('upon a time.').end();
    expect(wordsOf(await staying)).toBe('Once upon a time.');
    await expect.poll(() => told(here)).toContain('Among us.');
    expect(told(there)).not.toContain('Among us.');
    expect(heard.join('')).toBe('Once ');
  },
);

/** How often each node has read the changes of a chat, and made an event of them for all of its readers or for one. */
function workOf(place: number): Promise<{ reads: number; forAll: number; forOne: number }> {
  return fetch(`${testCluster().node(place).url}/metrics`)
    .then((response) => response.text())
    .then((text) => {
      const valueOf = (name: string) => {
        const line = text.split('\n').find((each) => each.startsWith(`${name} `));
        return Number(line?.slice(name.length) ?? 0);
      };
      const made = (readers: string) =>
        valueOf(`confab_stream_events_made_total{event="ChatChange",readers="${readers}"}`);
      return { reads: valueOf('confab_feed_reads_total'), forAll: made('all'), forOne: made('one') };
    });
}

test('a message to 500 open feeds of a room costs each of three nodes one read and one serialisation', async () => {
  const others = await Promise.all(Array.from({ length: 8 }, (_, index) => person(`reader-${index}`)));
  const people = [ann, ben, ...others];
  const id = await openRoomWith(at(ann, 0), ...people.slice(1));
  const { chat } = await asks<{ chat: { revision: number } }>(
    at(ann, 0),
    'query ($id: ID!) { chat(id: $id) { revision } }',
    { id },
  );
  const query = print(FeedDocument);
  const feeds: HeardFeed[] = [];
  onTestFinished(() => {
    for (const feed of feeds) feed[Symbol.dispose]();
  });
  for (const who of people) {
    // A document is parsed once and kept: of several first requests at once each would have its own.
    for (let index = 0; index < 50; index += 1) {
      const variables = { chats: [{ id, after: chat.revision }], agentsVersion: '' };
      feeds.push(new HeardFeed(at(who, index % 3), query, variables));
      if (feeds.length <= 3) await feeds.at(-1)?.caughtUp;
    }
    await Promise.all(feeds.map(({ caughtUp }) => caughtUp));
  }

  const places = [0, 1, 2];
  for (const [index, place] of places.entries()) {
    const before = await Promise.all(places.map(workOf));
    const content = `Message ${index} to all of you.`;
    await writes(at(people[index] ?? ann, place), id, content);
    await expect.poll(() => feeds.filter((feed) => told(feed).includes(content)).length).toBe(500);
    const after = await Promise.all(places.map(workOf));
    const cost = after.map(({ reads, forAll, forOne }, node) => ({
      reads: reads - (before[node]?.reads ?? 0),
      forAll: forAll - (before[node]?.forAll ?? 0),
      forOne: forOne - (before[node]?.forOne ?? 0),
    }));
    expect(cost).toEqual(places.map(() => ({ reads: 1, forAll: 1, forOne: 0 })));
  }
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
