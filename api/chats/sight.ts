/** From where on a person sees a chat: for what follows one message from another, and for pages of a thread. */
import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';

import { batched } from '../database/batched.ts';
import { db } from '../database/db.ts';
import { keyOf, type Place } from './place.ts';

/** As `hiddenUntil`: the whole chat is seen. */
const SEES_ALL = -1;
/** As `hiddenUntil`: nothing is. */
const SEES_NOTHING = 2 ** 31 - 1;

/** No message of the chat up to this `seq` is seen by the viewer: -1 where they see all, the largest number where they are no member. */
export async function hiddenUntil(place: Place): Promise<number> {
  return privateChats.has(keyOf(place)) ? SEES_ALL : places.load(place);
}

/** Whether a person sees a message of a chat whose other messages they see. */
export async function seesMessage(viewerId: string, message: { chatId: string; seq: number }): Promise<boolean> {
  return message.seq > (await hiddenUntil({ chatId: message.chatId, viewerId }));
}

/** Of private chats, with their only member: what is seen of one never changes, so that it is asked once. */
const privateChats = new LRUCache<string, true>({ max: 10_000 });

/** The messages of a page share one statement. Nothing else is kept for the next request. */
const places = new DataLoader<Place, number>(async (asked) => {
  // All messages of a page are of one chat.
  const distinct = [...new Map(asked.map((place) => [keyOf(place), place])).values()];
  const rows = await db.$queryRaw<{ chatId: string; viewerId: string; hiddenUntil: number; isPrivate: boolean }[]>`
      SELECT sight.chat_id::text AS "chatId", sight.user_id::text AS "viewerId",
        sight.hidden_until AS "hiddenUntil", chat.kind = 'PRIVATE' AS "isPrivate"
      FROM unnest(
        ${distinct.map(({ chatId }) => chatId)}::uuid[], ${distinct.map(({ viewerId }) => viewerId)}::uuid[]
      ) AS place (chat_id, user_id)
      JOIN sight ON sight.chat_id = place.chat_id AND sight.user_id = place.user_id
      JOIN chat ON chat.id = sight.chat_id`;
  for (const row of rows) if (row.isPrivate) privateChats.set(keyOf(row), true);
  const found = new Map(rows.map((row) => [keyOf(row), row.hiddenUntil]));
  return asked.map((place) => found.get(keyOf(place)) ?? SEES_NOTHING);
}, batched);
