import { beforeAll, expect, test } from 'vitest';

import { graphql } from '../generated/graphql/gql.ts';
import { useConfab } from '../testing/confab.ts';
import { DeleteMessage, EditMessage, SendMessage } from '../testing/documents.ts';
import { type Person, person } from '../testing/person.ts';
import { roomWith, says } from '../testing/rooms.ts';
import { db } from '../database/db.ts';
import { rowId } from '../ids.ts';

useConfab();

const Replies = graphql(`
  query Replies($id: ID!) {
    chat(id: $id) {
      messages(last: 50) {
        nodes {
          id
          content
          replyTo {
            id
            content
            excerpt
            isDeleted
            author {
              name
              handle
            }
            agent {
              name
            }
            replyTo {
              excerpt
            }
          }
        }
      }
    }
  }
`);

const RepliesChange = graphql(`
  subscription RepliesChange($chats: [ChatCursor!]!) {
    feed(chats: $chats) {
      __typename
      ... on ChatChange {
        messages {
          content
          replyTo {
            excerpt
            isDeleted
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

/** After the room's first line, which says who was added. */
const nodes = async (someone: Person, id: string) =>
  (await someone.ask(Replies, { id })).chat?.messages.nodes.slice(1) ?? [];
const refusal = async (someone: Person, chatId: string, replyToId: string) =>
  (
    await someone.ask(SendMessage, {
      input: { chatId, replyToId, content: 'Refused.', clientId: crypto.randomUUID() },
    })
  ).sendMessage;

test('a reply quotes a message of its room, with its author and its present words', async () => {
  const room = await roomWith(ann, bob);
  const first = await says(ann, room, `  What\n\n is ${'x'.repeat(300)}`);
  const reply = await says(bob, room, 'This.', { replyToId: first.id });
  await says(ann, room, 'I see.', { replyToId: reply.id });

  const [, , second, third] = [null, ...(await nodes(bob, room))].slice(0, 4);
  expect(second?.replyTo).toMatchObject({ id: first.id, isDeleted: false, author: { name: 'ann' }, agent: null });
  expect(second?.replyTo?.excerpt).toMatch(/^What is x{180,}$/);
  expect(second?.replyTo?.excerpt.length).toBeLessThanOrEqual(200);
  expect(third?.replyTo).toMatchObject({ excerpt: 'This.', replyTo: { excerpt: second?.replyTo?.excerpt } });

  await ann.ask(EditMessage, { input: { id: first.id, content: 'Which one?' } });
  expect((await nodes(bob, room))[1]?.replyTo?.excerpt).toBe('Which one?');
  await ann.ask(DeleteMessage, { id: first.id });
  expect((await nodes(bob, room))[1]?.replyTo).toMatchObject({ excerpt: '', content: '', isDeleted: true });
  expect((await nodes(bob, room))[0]?.replyTo).toBeNull();
});

test('a reply is sent again to those who watch the room when the words that it quotes change', async () => {
  const room = await roomWith(ann, bob);
  const first = await says(ann, room, 'Before.');
  await says(bob, room, 'A reply.', { replyToId: first.id });
  const { revision } = await db.chat.findUniqueOrThrow({ where: { id: rowId('Chat', room) } });
  const told: unknown[] = [];
  for await (const event of bob.subscribes(RepliesChange, { chats: [{ id: room, after: revision }] })) {
    if (event.feed.__typename === 'Tick' && told.length === 0)
      await ann.ask(EditMessage, { input: { id: first.id, content: 'After.' } });
    if (event.feed.__typename === 'ChatChange') told.push(...event.feed.messages);
    if (told.length >= 2) break;
  }
  expect(told).toContainEqual({ content: 'A reply.', replyTo: { excerpt: 'After.', isDeleted: false } });
});

test('nothing outside of the room can be quoted, nor an event of it, and nothing in a private chat', async () => {
  const room = await roomWith(ann, bob);
  const other = await roomWith(eve, ann);
  const elsewhere = await says(eve, other, 'A secret.');
  expect(await refusal(bob, room, elsewhere.id)).toMatchObject({ code: 'NOT_FOUND' });
  expect(await refusal(ann, room, elsewhere.id)).toMatchObject({ code: 'NOT_FOUND' });
  expect(await refusal(bob, room, `Message_${crypto.randomUUID()}`)).toMatchObject({ code: 'NOT_FOUND' });
  const event = await db.message.create({
    data: { chatId: rowId('Chat', room), seq: 1_000, revision: 1_000, role: 'SYSTEM' },
  });
  expect(await refusal(bob, room, `Message_${event.id}`)).toMatchObject({ code: 'NOT_FOUND' });
  const { id: chatId } = await ann.createsChat();
  const own = await ann.asks('Hello.', chatId);

  expect(await refusal(ann, chatId, own.message.id)).toMatchObject({ code: 'NOT_A_ROOM' });
  expect((await says(bob, room, 'Fine.', { replyToId: (await says(ann, room, 'Is it?')).id })).content).toBe('Fine.');
});

test('a quote is hidden from a member who may not see the quoted message', async () => {
  const room = await roomWith(ann, bob);
  const first = await says(ann, room, 'Seen by all.');
  const reply = await says(bob, room, 'A reply.', { replyToId: first.id });
  // As if it stood in a room that bob is not in.
  const other = await roomWith(ann, eve);
  const moved = await says(eve, other, 'Seen by some.');
  await db.message.update({
    where: { id: rowId('Message', reply.id) },
    data: { replyToId: rowId('Message', moved.id) },
  });
  expect((await nodes(ann, room))[1]?.replyTo).toMatchObject({ excerpt: 'Seen by some.' });
  expect((await nodes(bob, room))[1]?.replyTo).toBeNull();
});
