/** People with whom the viewer shares no room: each way to them gives all of their fields, as to anybody else. */
import { beforeAll, expect, test } from 'vitest';

import { captureChanges } from '../changelog/capture.ts';
import { useConfab } from '../testing/confab.ts';
import { numberChanges } from '../testing/number-changes.ts';
import { type Person, person } from '../testing/person.ts';
import { asks, does, HeardFeed, writes } from '../testing/plain-requests.ts';
import { leave, personIdOf, roomWith, says } from '../testing/rooms.ts';

useConfab({ hasKey: false });

const PERSON = 'id name handle avatarColor isAgent isDisabled';

let admin: Person;
let ann: Person;
let ben: Person;
let room: string;
let gone: { id: string; name: string; handle: string };

beforeAll(async () => {
  // The first one is the administrator, who is in no room.
  admin = await person('admin');
  await captureChanges(true);
  ann = await person('ann');
  ben = await person('ben');
  const cat = await person('cat');
  gone = { id: await personIdOf(cat), name: cat.name, handle: (await selfOf(cat)).handle };
  room = await roomWith(ann, ben, cat);
  const { id: said } = await says(ann, room, 'Welcome');
  await does(cat, 'react', { messageId: said, emoji: '👍' });
  await writes(cat, room, 'Goodbye');
  await leave(cat, room);
});

async function selfOf(who: Person) {
  const { viewer } = await asks<{ viewer: { person: { handle: string } } }>(
    who,
    `{ viewer { person { ${PERSON} } } }`,
    {},
  );
  return viewer.person;
}

test('in reactions, in what happened in a room, and as authors', async () => {
  const { chat } = await asks<{
    chat: {
      messages: {
        nodes: { author: unknown; event: { people: unknown[] } | null; reactions: { people: unknown[] }[] }[];
      };
    };
  }>(
    ben,
    `query Room($id: ID!) { chat(id: $id) { messages(last: 20) { nodes {
      author { ${PERSON} } event { people { ${PERSON} } } reactions { people { ${PERSON} } }
    } } } }`,
    { id: room },
  );
  const { nodes } = chat.messages;
  expect(nodes.flatMap(({ reactions }) => reactions.flatMap(({ people }) => people))).toMatchObject([gone]);
  expect(nodes.flatMap(({ event }) => event?.people ?? [])).toContainEqual(expect.objectContaining(gone));
  expect(nodes.map(({ author }) => author)).toContainEqual(expect.objectContaining(gone));
});

test('in the feed', async () => {
  using feed = new HeardFeed(
    ben,
    `subscription Feed($chats: [ChatCursor!]!) { feed(chats: $chats) { __typename
      ... on ChatChange { messages { event { people { ${PERSON} } } reactions { people { ${PERSON} } } } } } }`,
    { chats: [{ id: room, after: 0 }] },
  );
  await feed.caughtUp;
  expect(feed.error).toBe(null);
  expect(JSON.stringify(feed.of('ChatChange'))).toContain(`"handle":"${gone.handle}"`);
});

test('as those who wrote what the change log tells an administrator', async () => {
  await numberChanges();
  const { changes } = await asks<{ changes: { nodes: { actor: { person: unknown } }[] } }>(
    admin,
    `{ changes(last: 100) { nodes { actor { person { ${PERSON} } } } } }`,
    {},
  );
  expect(changes.nodes.map(({ actor }) => actor.person)).toContainEqual(expect.objectContaining(gone));
});
