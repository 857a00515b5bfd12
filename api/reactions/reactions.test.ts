import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { DeleteMessage } from '../testing/documents.ts';
import { type Person, person } from '../testing/person.ts';
import { roomWith, says } from '../testing/rooms.ts';

useConfab();

const React = graphql(`
  mutation React($input: ReactInput!) {
    react(input: $input) {
      __typename
      ... on Error {
        code
      }
      ... on InvalidInputError {
        issues {
          code
        }
      }
      ... on ReactPayload {
        message {
          reactions {
            emoji
            count
            viewerReacted
          }
        }
      }
    }
  }
`);

const Unreact = graphql(`
  mutation Unreact($input: UnreactInput!) {
    unreact(input: $input) {
      __typename
      ... on Error {
        code
      }
    }
  }
`);

const Reactions = graphql(`
  query Reactions($id: ID!) {
    node(id: $id) {
      ... on Message {
        reactions {
          emoji
          count
          viewerReacted
          people {
            name
          }
        }
      }
    }
  }
`);

const ReactionsChange = graphql(`
  subscription ReactionsChange($chats: [ChatCursor!]!) {
    feed(chats: $chats) {
      __typename
      ... on ChatChange {
        messages {
          reactions {
            emoji
            count
            viewerReacted
          }
        }
      }
    }
  }
`);

let ann: Person;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  [ann, bob, eve] = (await Promise.all(['ann', 'bob', 'eve'].map((name) => person(name)))) as [Person, Person, Person];
});

/** 21 kinds. */
const ONE_TOO_MANY = '😀😃😄😁😆😅🤣😂🙂🙃🫠😉😊😇🥰😍🤩😘😗😚😙'.match(/\p{RGI_Emoji}/gv) ?? [];

const reacts = async (someone: Person, messageId: string, emoji: string) =>
  (await someone.ask(React, { input: { messageId, emoji } })).react;
const takesBack = async (someone: Person, messageId: string, emoji: string) =>
  (await someone.ask(Unreact, { input: { messageId, emoji } })).unreact;
const seen = async (someone: Person, id: string) => {
  const { node } = await someone.ask(Reactions, { id });
  return node && 'reactions' in node ? node.reactions : null;
};
const revisionOf = async (room: string) =>
  (await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', room) } })).revision;

test('each reader sees how many gave an emoji, who, and whether they did themselves', async () => {
  const room = await roomWith(ann, bob);
  const { id } = await says(ann, room, 'React!');
  await reacts(bob, id, '👍');
  await reacts(ann, id, '🎉');
  await reacts(ann, id, '👍');
  const both = { emoji: '👍', count: 2, people: [{ name: 'bob' }, { name: 'ann' }] };
  const party = { emoji: '🎉', count: 1, people: [{ name: 'ann' }] };
  expect(await seen(ann, id)).toEqual([
    { ...both, viewerReacted: true },
    { ...party, viewerReacted: true },
  ]);
  expect(await seen(bob, id)).toEqual([
    { ...both, viewerReacted: true },
    { ...party, viewerReacted: false },
  ]);
  await takesBack(bob, id, '👍');
  await takesBack(ann, id, '🎉');
  expect(await seen(bob, id)).toEqual([{ emoji: '👍', count: 1, people: [{ name: 'ann' }], viewerReacted: false }]);
});

test('what is given twice or taken back twice changes nothing and reaches no feed', async () => {
  const room = await roomWith(ann, bob);
  const { id } = await says(ann, room, 'React!');
  await reacts(bob, id, '👍');
  const before = await revisionOf(room);
  expect(await reacts(bob, id, '👍')).toMatchObject({ message: { reactions: [{ count: 1 }] } });
  await takesBack(ann, id, '👍');
  expect(await revisionOf(room)).toBe(before);
  await takesBack(bob, id, '👍');
  expect(await revisionOf(room)).toBe(before + 1);
});

test('all feeds of the room receive a reaction, each with what its reader gave', async () => {
  const room = await roomWith(ann, bob);
  const { id } = await says(ann, room, 'React!');
  const chats = [{ id: room, after: await revisionOf(room) }];
  const told = async (someone: Person, onOpen: () => void) => {
    for await (const { feed } of someone.subscribes(ReactionsChange, { chats })) {
      if (feed.__typename === 'Tick') onOpen();
      if (feed.__typename === 'ChatChange' && feed.messages[0]?.reactions[0]) return feed.messages[0].reactions;
    }
    return null;
  };
  let open = 0;
  // Both are open before the one reaction, so that they read it together.
  const onOpen = () => void (++open === 2 && reacts(bob, id, '👍'));
  const [forAnn, forBob] = await Promise.all([told(ann, onOpen), told(bob, onOpen)]);
  expect(forAnn).toEqual([{ emoji: '👍', count: 1, viewerReacted: false }]);
  expect(forBob).toEqual([{ emoji: '👍', count: 1, viewerReacted: true }]);
});

describe('only one emoji of Unicode’s list is taken', () => {
  test.each(['👍', '👍🏽', '❤️', '🇩🇪', '👩‍👩‍👧‍👦', '1️⃣', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '👩🏽‍❤️‍💋‍👨🏿'])('%s is taken', async (emoji) => {
    const { id } = await says(ann, await roomWith(ann), 'React!');
    expect(await reacts(ann, id, emoji)).toMatchObject({ message: { reactions: [{ emoji, count: 1 }] } });
  });

  test.each(['', 'a', '1', ' ', '👍👍', '👍 ', 'x👍', '❤', '🇩', '\u{1F3FB}\u{1F3FB}', '👍'.repeat(500), '<b>', '\0'])(
    '%j is not',
    async (emoji) => {
      const { id } = await says(ann, await roomWith(ann), 'React!');
      expect(await reacts(ann, id, emoji)).toMatchObject({ __typename: 'InvalidInputError' });
      expect(await seen(ann, id)).toEqual([]);
    },
  );
});

test('a message has at most 20 kinds, and more people may join those', async () => {
  const room = await roomWith(ann, bob);
  const { id } = await says(ann, room, 'React!');
  const emoji = ONE_TOO_MANY;
  const outcomes = [];
  for (const each of emoji) outcomes.push((await reacts(ann, id, each)).__typename);
  expect(outcomes).toEqual([...Array.from({ length: 20 }, () => 'ReactPayload'), 'ForbiddenError']);
  expect(await reacts(bob, id, '😙')).toMatchObject({ code: 'TOO_MANY_REACTIONS' });
  expect(await reacts(bob, id, '😀')).toMatchObject({ __typename: 'ReactPayload' });
  await takesBack(ann, id, '😃');
  expect(await reacts(bob, id, '😙')).toMatchObject({ __typename: 'ReactPayload' });
});

test('20 people who react at once are all counted, and 21 kinds at once are 20', async () => {
  const room = await roomWith(ann, bob);
  const { id } = await says(ann, room, 'React!');
  const emoji = ONE_TOO_MANY;
  await Promise.all([...emoji.map((each) => reacts(ann, id, each)), ...emoji.map((each) => reacts(bob, id, each))]);
  const kinds = await seen(ann, id);
  expect(kinds).toHaveLength(20);
  const rows = await db.reaction.count({ where: { messageId: rowId('Message', id) } });
  expect(kinds?.reduce((sum, { count }) => sum + count, 0)).toBe(rows);
});

test('an outsider, a former member and a private chat are refused, and a deleted message shows none', async () => {
  const room = await roomWith(ann, bob);
  const { id } = await says(ann, room, 'React!');
  expect(await reacts(bob, id, '👍')).toMatchObject({ __typename: 'ReactPayload' });
  for (const verb of [reacts, takesBack]) expect(await verb(eve, id, '👍')).toMatchObject({ code: 'NOT_FOUND' });
  expect(await seen(eve, id)).toBeNull();

  const own = await ann.asks('Hello.');
  expect(await reacts(ann, own.message.id, '👍')).toMatchObject({ code: 'NOT_A_ROOM' });

  await db.chat.update({ where: { id: rowId('Chat', room) }, data: { closedAt: new Date() } });
  expect(await reacts(ann, id, '👍')).toMatchObject({ code: 'ROOM_CLOSED' });
  await db.chat.update({ where: { id: rowId('Chat', room) }, data: { closedAt: null } });

  await ann.ask(DeleteMessage, { id });
  expect(await seen(bob, id)).toEqual([]);
  expect(await reacts(bob, id, '👍')).toMatchObject({ code: 'NOT_FOUND' });

  const next = await says(ann, room, 'Another.');
  await db.chatMember.updateMany({
    where: { chatId: rowId('Chat', room), user: { email: bob.email } },
    data: { leftAt: new Date() },
  });
  expect(await reacts(bob, next.id, '👍')).toMatchObject({ code: 'NOT_FOUND' });
});

test('whatever is given and taken back in whatever order is what a naive list says', async () => {
  const room = await roomWith(ann, bob);
  const people = { ann, bob };
  const step = fc.record({
    who: fc.constantFrom<'ann' | 'bob'>('ann', 'bob'),
    emoji: fc.constantFrom('👍', '🎉', '❤️'),
    isGiven: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { id } = await says(ann, room, 'React!');
      const naive = new Set<string>();
      for (const { who, emoji, isGiven } of steps) {
        await (isGiven ? reacts : takesBack)(people[who], id, emoji);
        naive[isGiven ? 'add' : 'delete'](`${emoji} ${who}`);
      }
      for (const who of ['ann', 'bob'] as const) {
        const shown = (await seen(people[who], id)) ?? [];
        const given = shown.flatMap(({ emoji, people: givers }) => givers.map(({ name }) => `${emoji} ${name}`));
        expect(new Set(given)).toEqual(naive);
        expect(shown.every(({ count, people: givers }) => count === givers.length)).toBe(true);
        for (const { emoji, viewerReacted } of shown) expect(viewerReacted).toBe(naive.has(`${emoji} ${who}`));
      }
    }),
    { numRuns: 10 },
  );
});
