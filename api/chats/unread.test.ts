import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { graphql } from '../generated/graphql/gql.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { ArchiveChat, DeleteMessage } from '../testing/documents.ts';
import { type Person, person } from '../testing/person.ts';
import { roomWith, says } from '../testing/rooms.ts';
import { isUnread } from './unread.ts';

useConfab();

const UnreadIn = graphql(`
  query UnreadIn($id: ID!) {
    chat(id: $id) {
      unreadCount
      firstUnreadId
      mentionCount
    }
  }
`);

const UnreadRooms = graphql(`
  query UnreadRoomsOf {
    chats(kind: ROOM, onlyUnread: true, first: 100) {
      nodes {
        id
      }
    }
  }
`);

const NoteRead = graphql(`
  mutation NoteRead($input: MarkReadInput!) {
    markRead(input: $input) {
      __typename
    }
  }
`);

const SetRoomNotifications = graphql(`
  mutation SetRoomNotifications($input: SetRoomNotificationsInput!) {
    setRoomNotifications(input: $input) {
      __typename
      ... on Error {
        code
      }
      ... on SetRoomNotificationsPayload {
        chat {
          notify
          mutedAt
          revision
        }
      }
    }
  }
`);

const NotificationsOf = graphql(`
  query NotificationsOf($id: ID!) {
    chat(id: $id) {
      notify
      mutedAt
      revision
    }
  }
`);

let ann: Person;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  [ann, bob, eve] = (await Promise.all(['ann', 'bob', 'eve'].map((name) => person(name)))) as [Person, Person, Person];
});

interface Said {
  id: string;
  seq: number;
  by: 'ann' | 'bob' | 'agent' | 'room';
  hasWords: boolean;
  isDeleted: boolean;
  /** The other one by name, or all members. */
  mentions: boolean;
}

/** What is unread, message by message. */
function naiveUnread(line: readonly Said[], reader: 'ann' | 'bob', read: number) {
  const counted = line.filter(
    ({ seq, by, hasWords, isDeleted }) => seq > read && by !== reader && by !== 'room' && hasWords && !isDeleted,
  );
  return {
    unreadCount: counted.length,
    firstUnreadId: counted[0]?.id ?? null,
    mentionCount: counted.filter(({ mentions }) => mentions).length,
  };
}

/** An answer or an event, as the runner and the room write them. */
async function writes(
  room: string,
  role: 'ASSISTANT' | 'SYSTEM',
  content: string,
): Promise<{ id: string; seq: number }> {
  const chatId = rowId('Chat', room);
  const { revision } = await db.chat.update({ where: { id: chatId }, data: { revision: { increment: 1 } } });
  const agent = await db.agent.findFirstOrThrow({ select: { id: true } });
  const by = role === 'ASSISTANT' ? { agentId: agent.id } : {};
  const { id } = await db.message.create({ data: { chatId, seq: revision, revision, role, content, ...by } });
  return { id: encodeGlobalId('Message', id), seq: revision };
}

const step = fc.oneof(
  fc.record({
    what: fc.constant('say' as const),
    who: fc.constantFrom('ann' as const, 'bob' as const),
    mentions: fc.constantFrom('nobody' as const, 'other' as const, 'room' as const),
  }),
  fc.record({ what: fc.constant('answer' as const), words: fc.constantFrom('', 'An answer.') }),
  fc.record({ what: fc.constant('event' as const) }),
  fc.record({ what: fc.constant('delete' as const), which: fc.nat() }),
  fc.record({
    what: fc.constant('read' as const),
    who: fc.constantFrom('ann' as const, 'bob' as const),
    which: fc.nat(),
  }),
);

async function handleOf(someone: Person): Promise<string> {
  return (await db.handle.findFirstOrThrow({ where: { user: { email: someone.email } } })).name;
}

test('what is unread, the first of it, and what of it mentions one, are what a naive count says, whatever is said, deleted and read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      const people = { ann, bob };
      const handles = { ann: await handleOf(ann), bob: await handleOf(bob) };
      const room = await roomWith(ann, bob);
      const { revision } = await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', room) } });
      const read = { ann: revision, bob: revision };
      await ann.ask(NoteRead, { input: { chatId: room, seq: revision } });
      const line: Said[] = [];
      for (const each of steps) {
        if (each.what === 'say') {
          const name = { nobody: 'nobody', other: handles[each.who === 'ann' ? 'bob' : 'ann'], room: 'room' }[
            each.mentions
          ];
          const { id, seq } = await says(people[each.who], room, `Dear @${name} and @${name}!`);
          // All members at once are mentioned by moderators alone.
          const isHeard = each.mentions === 'other' || (each.mentions === 'room' && each.who === 'ann');
          line.push({ id, seq, by: each.who, hasWords: true, isDeleted: false, mentions: isHeard });
        }
        if (each.what === 'answer') {
          const row = await writes(room, 'ASSISTANT', each.words);
          line.push({ ...row, by: 'agent', hasWords: each.words !== '', isDeleted: false, mentions: false });
        }
        if (each.what === 'event')
          line.push({
            ...(await writes(room, 'SYSTEM', '')),
            by: 'room',
            hasWords: false,
            isDeleted: false,
            mentions: false,
          });
        const chosen = 'which' in each ? line[each.which % Math.max(1, line.length)] : undefined;
        if (each.what === 'delete' && (chosen?.by === 'ann' || chosen?.by === 'bob')) {
          await people[chosen.by].ask(DeleteMessage, { id: chosen.id });
          chosen.isDeleted = true;
        }
        if (each.what === 'read' && chosen) {
          await people[each.who].ask(NoteRead, { input: { chatId: room, seq: chosen.seq } });
          read[each.who] = Math.max(read[each.who], chosen.seq);
        }
        for (const reader of ['ann', 'bob'] as const) {
          const expected = naiveUnread(line, reader, read[reader]);
          expect((await people[reader].ask(UnreadIn, { id: room })).chat).toEqual(expected);
          const { chats } = await people[reader].ask(UnreadRooms, {});
          expect(chats.nodes.some(({ id }) => id === room)).toBe(expected.unreadCount > 0);
        }
      }
    }),
    { numRuns: 12 },
  );
});

test('the first unread message is known though more are unread than are counted', async () => {
  const room = await roomWith(ann, bob);
  const chatId = rowId('Chat', room);
  const { revision } = await db.chat.findUniqueOrThrow({ where: { id: chatId } });
  const { id: authorId } = await db.user.findUniqueOrThrow({ where: { email: ann.email } });
  const seqs = Array.from({ length: 150 }, (_, index) => revision + 1 + index);
  await db.message.createMany({
    data: seqs.map((seq) => ({ chatId, seq, revision: seq, role: 'USER' as const, authorId, content: 'x' })),
  });
  const first = await db.message.findFirstOrThrow({ where: { chatId, seq: revision + 1 } });
  expect((await bob.ask(UnreadIn, { id: room })).chat).toEqual({
    unreadCount: 100,
    firstUnreadId: encodeGlobalId('Message', first.id),
    mentionCount: 0,
  });
});

test('unread messages are counted from the index alone, whose condition is that of the statement', async () => {
  // An index can answer for rows that a VACUUM has seen.
  await db.$executeRaw`VACUUM ANALYZE message`;
  const plan = await db.$transaction(async (tx) => {
    // The tables of a test are so small that the planner would read them whole.
    for (const way of ['seqscan', 'bitmapscan']) await tx.$executeRawUnsafe(`SET LOCAL enable_${way} = off`);
    return tx.$queryRaw<{ 'QUERY PLAN': string }[]>`
      EXPLAIN SELECT news.id FROM chat_member member
      CROSS JOIN LATERAL (SELECT message.id FROM message WHERE ${isUnread} ORDER BY message.seq LIMIT 1) news`;
  });
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('Index Only Scan using message_countable');
});

test('the list of rooms with unread messages has neither muted rooms nor private chats nor what is archived', async () => {
  const cat = await person('cat');
  const rooms = await Promise.all([1, 2, 3].map(() => roomWith(ann, cat)));
  for (const room of rooms) await says(ann, room, 'News.');
  await cat.asks('Hello.');
  const listed = async () => (await cat.ask(UnreadRooms, {})).chats.nodes.map(({ id }) => id).toSorted();
  expect(await listed()).toEqual(rooms.toSorted());
  const [muted = '', archived = '', open] = rooms;
  await cat.ask(SetRoomNotifications, { input: { chatId: muted, isMuted: true } });
  await cat.ask(ArchiveChat, { id: archived });
  expect(await listed()).toEqual([open]);
  expect((await eve.ask(UnreadRooms, {})).chats.nodes).toEqual([]);
});

test('each member sets their own notification level, and only their own feeds receive it', async () => {
  const room = await roomWith(ann, bob);
  const set = async (someone: Person, input: { notify?: 'ALL' | 'NONE'; isMuted?: boolean }, chatId = room) =>
    (await someone.ask(SetRoomNotifications, { input: { chatId, ...input } })).setRoomNotifications;
  const seen = async (someone: Person) => (await someone.ask(NotificationsOf, { id: room })).chat;
  const before = await seen(bob);
  expect(before).toMatchObject({ notify: 'MENTIONS', mutedAt: null });

  let isTold = false;
  for await (const event of bob.feeds([])) {
    if (event.__typename === 'Tick' && !isTold) await set(bob, { notify: 'ALL' });
    isTold = event.__typename === 'ChatListChange' && event.chat.id === room;
    if (isTold) break;
  }
  expect(await set(bob, { isMuted: true })).toMatchObject({
    chat: { notify: 'ALL', mutedAt: expect.any(String) as string, revision: before?.revision },
  });
  expect(await seen(ann)).toEqual(before);
  expect(await set(bob, { isMuted: false })).toMatchObject({ chat: { notify: 'ALL', mutedAt: null } });

  expect(await set(eve, { notify: 'ALL' })).toMatchObject({ code: 'NOT_FOUND' });
  expect(await set(ann, { notify: 'ALL' }, (await ann.createsChat()).id)).toMatchObject({ code: 'NOT_A_ROOM' });
});
