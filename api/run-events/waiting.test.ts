import { beforeAll, expect, test } from 'vitest';

import { bus } from '../bus/bus.ts';
import { db } from '../database/db.ts';
import { encodeGlobalId, rowId } from '../ids.ts';
import { useConfab } from '../testing/confab.ts';
import { type Person, person, wordsOf } from '../testing/person.ts';
import { does } from '../testing/plain-requests.ts';
import { openRoomWith, personIdOf } from '../testing/rooms.ts';
import { runReaderCount } from './read.ts';

useConfab();

let ann: Person;

beforeAll(async () => {
  ann = await person('ann');
});

/** A run without an answer, as in the queue of a room. */
async function waitingRun() {
  const { chat, message } = await ann.asks('hello');
  const agent = await db.agent.findFirstOrThrow({ where: { provider: 'ECHO' } });
  const [chatId, triggerId] = [rowId('Chat', chat.id), rowId('Message', message.id)];
  return db.run.create({
    data: { chatId, triggerId, agentId: agent.id, provider: 'ECHO', model: 'echo', revision: chat.revision },
  });
}

/** The events of a run, as they come. */
function listen(runId: string) {
  const told: string[] = [];
  const events = ann.follows(encodeGlobalId('Run', runId));
  const ended = Array.fromAsync(events, (event) => (told.push(event.__typename), event));
  return { told, ended };
}

test('of a queued run nothing is sent, and everything from its beginning on', async () => {
  const run = await waitingRun();
  const { told, ended } = listen(run.id);
  await ann.asks('something else meanwhile');
  expect(told).toEqual([]);

  const { id: messageId } = await db.message.create({
    data: {
      chatId: run.chatId,
      seq: 1_000,
      parentId: run.triggerId,
      role: 'ASSISTANT',
      agentId: run.agentId,
      revision: 1_000,
    },
  });
  await db.run.update({ where: { id: run.id }, data: { messageId } });
  bus.publish('runQueued', run.id);
  const events = await ended;
  expect(told[0]).toBe('MessageStart');
  expect(told.at(-1)).toBe('MessageEnd');
  expect(wordsOf(events)).toContain('hello');
});

test('where it is stopped before its turn, the stream ends without an event', async () => {
  const run = await waitingRun();
  const { told, ended } = listen(run.id);
  await ann.asks('something else meanwhile');

  expect(await ann.stops(encodeGlobalId('Run', run.id))).toMatchObject({ run: { status: 'STOPPED' } });
  await ended;
  expect(told).toEqual([]);
  expect(await db.run.findUniqueOrThrow({ where: { id: run.id } })).toMatchObject({
    status: 'STOPPED',
    messageId: null,
  });
});

test('a removed member reads the room’s runs no longer, long before the rows are read again', async () => {
  const ben = await person('ben');
  const id = await openRoomWith(ann, ben);
  const chatId = rowId('Chat', id);
  const trigger = await db.message.create({ data: { chatId, seq: 1_000, role: 'USER', revision: 1_000 } });
  const agent = await db.agent.findFirstOrThrow({ where: { provider: 'ECHO' } });
  const run = await db.run.create({
    data: { chatId, triggerId: trigger.id, agentId: agent.id, provider: 'ECHO', model: 'echo', revision: 1_000 },
  });
  const reading = ben.follows(encodeGlobalId('Run', run.id)).next();
  const ended = expect(reading).rejects.toThrow('NOT_FOUND');
  await expect.poll(runReaderCount).toBe(1);
  await does(ann, 'removeMember', { chatId: id, personId: await personIdOf(ben), ban: false });
  await ended;
}, 12_000);
