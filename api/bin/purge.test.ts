import { expect, test } from 'vitest';

import { db } from '../database/db.ts';
import { rowId } from '../ids.ts';
import { testServer, useConfab } from '../testing/confab.ts';
import { DeleteChat, RestoreChat } from '../testing/documents.ts';
import { says } from '../testing/model-server.ts';
import { person } from '../testing/person.ts';
import { purgeDeletedChats } from './purge.ts';

useConfab();

test('chats that were deleted long ago go for good with all that is in them, and no others', async () => {
  const ann = await person('ann');
  testServer().model.otherwise(says('An answer.'));
  const old = await ann.createsChat('old');
  const recent = await ann.createsChat('recent');
  const restored = await ann.createsChat('restored');
  const kept = await ann.createsChat('kept');
  for (const { id } of [old, recent, restored]) {
    await ann.asks('A question.', id);
    await ann.asks('And another.', id);
    await ann.ask(DeleteChat, { id });
  }
  const row = ({ id }: { id: string }) => rowId('Chat', id);
  const deleted = (chat: { id: string }, daysAgo: number) =>
    db.chat.update({ where: { id: row(chat) }, data: { deletedAt: new Date(Date.now() - daysAgo * 86_400_000) } });
  await deleted(old, 31);
  await deleted(recent, 29);
  await deleted(restored, 31);
  await ann.ask(RestoreChat, { id: restored.id });

  expect(await purgeDeletedChats(30)).toBe(1);
  const left = await db.chat.findMany({ select: { id: true }, orderBy: { createdAt: 'asc' } });
  expect(left.map(({ id }) => id)).toEqual([recent, restored, kept].map(row));
  expect(await db.message.groupBy({ by: ['chatId'], _count: true, orderBy: { chatId: 'asc' } })).toEqual(
    [recent, restored].map((chat) => ({ chatId: row(chat), _count: 4 })),
  );
  expect(await db.run.count({ where: { chatId: row(old) } })).toBe(0);
});

test('one whose run is not over is left for the next time', async () => {
  const ann = await person('ann');
  const held = testServer().model.hold();
  const { chat, run } = await ann.sends('Still speaking?');
  await held.arrived;
  await db.chat.update({ where: { id: rowId('Chat', chat.id) }, data: { deletedAt: new Date(0) } });
  expect(await purgeDeletedChats(30)).toBe(0);
  held.end();
  await Array.fromAsync(ann.follows(run.id));
  expect(await purgeDeletedChats(30)).toBe(1);
});

test('an open list receives that a chat is purged', async () => {
  const ann = await person('ann');
  const { id } = await ann.createsChat('of old');
  await ann.ask(DeleteChat, { id });
  await db.chat.update({ where: { id: rowId('Chat', id) }, data: { deletedAt: new Date(0) } });
  const told: string[] = [];
  for await (const event of ann.feeds([])) {
    if (event.__typename === 'Tick') await purgeDeletedChats(30);
    if (event.__typename === 'ChatGone') told.push(event.chatId);
    if (told.length > 0) break;
  }
  expect(told).toEqual([id]);
});
