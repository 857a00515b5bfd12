/** What a member has not seen of a room yet: counted from the messages, never kept as a counter, so that it cannot drift. */
import DataLoader from 'dataloader';

import { batched } from '../database/batched.ts';
import { actorOf, type Viewer } from '../auth/viewer.ts';
import { db } from '../database/db.ts';
import { write } from '../database/write.ts';
import { NotFoundError } from '../errors.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { keyOf, type Place } from './place.ts';
import { inReach } from './visible.ts';

/** Counts stop here. */
export const MOST_UNREAD = 100;

export interface Unread {
  /** MOST_UNREAD at most. */
  count: number;
  firstId: string | null;
  /** Of those that are counted, the ones that mention the viewer, or all members. */
  mentionCount: number;
}

/** Which rows of `message` count: the condition of the index `message_countable`, which holds all that the counts ask for. */
const isCountable = Prisma.sql`message.role <> 'SYSTEM' AND message.deleted_at IS NULL AND (message.role = 'USER' OR message.content <> '')`;

/** Which of them `member` has not read. */
export const isUnread = Prisma.sql`message.chat_id = member.chat_id AND message.seq > member.last_read_seq AND ${isCountable}
  AND message.author_id IS DISTINCT FROM member.user_id`;

/** Messages of others since the viewer read last; those of the room itself, deleted ones and answers without words do not count. */
export function unreadIn(place: Place): Promise<Unread> {
  return unread.load(place);
}

/** A page of chats is counted by one statement. Nothing is kept for the next request. */
const unread = new DataLoader<Place, Unread>(async (places) => {
  // The number and the first one are asked for apart.
  const distinct = [...new Map(places.map((place) => [keyOf(place), place])).values()];
  const chatIds = distinct.map(({ chatId }) => chatId);
  const userIds = distinct.map(({ viewerId }) => viewerId);
  const rows = await db.$queryRaw<(Unread & { chatId: string; userId: string })[]>`
      SELECT member.chat_id::text AS "chatId", member.user_id::text AS "userId", news.count, mentions.count AS "mentionCount",
        (SELECT message.id::text FROM message WHERE ${isUnread} ORDER BY message.seq LIMIT 1) AS "firstId"
      FROM unnest(${chatIds}::uuid[], ${userIds}::uuid[]) AS place (chat_id, user_id)
      JOIN chat_member member ON member.chat_id = place.chat_id AND member.user_id = place.user_id
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS count FROM (
          SELECT FROM message WHERE ${isUnread} ORDER BY message.seq LIMIT ${MOST_UNREAD}::int
        ) unread
      ) news
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS count FROM (
          SELECT DISTINCT message.id FROM mention JOIN message ON message.id = mention.message_id
          WHERE mention.chat_id = member.chat_id AND mention.seq > member.last_read_seq
            AND (mention.user_id = member.user_id OR mention.is_room)
            AND message.deleted_at IS NULL AND message.content <> ''
            AND message.author_id IS DISTINCT FROM member.user_id
          LIMIT ${MOST_UNREAD}::int
        ) unread
      ) mentions`;
  const found = new Map(rows.map(({ chatId, userId, ...row }) => [`${chatId} ${userId}`, row]));
  return places.map((place) => found.get(keyOf(place)) ?? nothing);
}, batched);

const nothing: Unread = { count: 0, firstId: null, mentionCount: 0 };

/** As many of the newest are read for all members of a room together. */
const NEWEST = 2 * MOST_UNREAD;
/** Of fewer members of one room, each is counted alone. */
const MANY = 4;

export interface ReadMark extends Place {
  lastReadSeq: number;
}

/** By chat: what members of one room share, read meanwhile. */
export type NewestOfRooms = ReadonlyMap<string, Promise<Newest>>;

/** Of the chats that are named so often that their members are counted together. To be begun before the marks are read, and handed to `unreadOf`. */
export function newestOfRooms(places: readonly Place[]): NewestOfRooms {
  const many = [...Map.groupBy(places, ({ chatId }) => chatId)].filter(([, ofChat]) => ofChat.length >= MANY);
  return new Map(
    many.map(([chatId]) => {
      const newest = newestOf(chatId);
      // Callers see the rejection; this prevents an unhandledRejection without one.
      newest.catch(() => undefined);
      return [chatId, newest];
    }),
  );
}

/** The same for many members at once, by `chatId viewerId`: one statement for each room that many of them are in. */
export async function unreadOf(
  marks: readonly ReadMark[],
  newests: NewestOfRooms = newestOfRooms(marks),
): Promise<Map<string, Unread>> {
  const counted = new Map<string, Unread>();
  const alone: ReadMark[] = [];
  const put = (place: Place, found: Unread) => counted.set(keyOf(place), found);
  await Promise.all(
    [...Map.groupBy(marks, ({ chatId }) => chatId)].map(async ([chatId, ofChat]) => {
      const newest = await newests.get(chatId);
      for (const mark of ofChat) {
        const found = newest ? unreadAmong(newest, mark) : null;
        if (found) put(mark, found);
        else alone.push(mark);
      }
    }),
  );
  await Promise.all(alone.map(async (mark) => put(mark, await unreadIn(mark))));
  return counted;
}

interface Newest {
  /** The oldest first. */
  messages: { id: string; seq: number; authorId: string | null }[];
  /** Of those messages. */
  mentions: { messageId: string; seq: number; userId: string | null; authorId: string | null }[];
  /** There are no older ones. */
  isWhole: boolean;
}

/** Null where older messages may count too. */
function unreadAmong(newest: Newest, { lastReadSeq, viewerId }: ReadMark): Unread | null {
  const [oldest] = newest.messages;
  if (!newest.isWhole && (!oldest || oldest.seq > lastReadSeq)) return null;
  let count = 0;
  let firstId: string | null = null;
  // From the newest on: whoever has read most has few to be looked at, and there are hundreds of members.
  for (let index = newest.messages.length - 1; index >= 0; index -= 1) {
    const message = newest.messages[index];
    if (!message || message.seq <= lastReadSeq) break;
    if (message.authorId === viewerId) continue;
    count += 1;
    firstId = message.id;
  }
  const mentioning = newest.mentions.filter(
    ({ seq, userId, authorId }) =>
      seq > lastReadSeq && authorId !== viewerId && (userId === null || userId === viewerId),
  );
  return {
    count: Math.min(count, MOST_UNREAD),
    firstId,
    mentionCount: Math.min(new Set(mentioning.map(({ messageId }) => messageId)).size, MOST_UNREAD),
  };
}

/** Those that count, and whom they mention. */
async function newestOf(chatId: string): Promise<Newest> {
  const [row] = await db.$queryRaw<{ messages: MessageRow[] | null; mentions: Newest['mentions'] | null }[]>`
    WITH newest AS (
      SELECT id, seq, author_id FROM message
      WHERE chat_id = ${chatId}::uuid AND ${isCountable}
      ORDER BY seq DESC LIMIT ${NEWEST}::int
    ), mentioned AS (
      SELECT message.id, mention.seq, mention.user_id, message.author_id FROM mention JOIN message ON message.id = mention.message_id
      WHERE mention.chat_id = ${chatId}::uuid
        AND mention.seq >= (SELECT CASE WHEN count(*) < ${NEWEST}::int THEN 0 ELSE min(seq) END FROM newest)
        AND (mention.user_id IS NOT NULL OR mention.is_room) AND message.deleted_at IS NULL AND message.content <> ''
    )
    SELECT
      (SELECT json_agg(json_build_array(id, seq, author_id) ORDER BY seq) FROM newest) AS messages,
      (SELECT json_agg(json_build_object('messageId', id, 'seq', seq, 'userId', user_id, 'authorId', author_id)) FROM mentioned) AS mentions`;
  const messages = (row?.messages ?? []).map(([id, seq, authorId]) => ({ id, seq, authorId }));
  return { messages, mentions: row?.mentions ?? [], isWhole: messages.length < NEWEST };
}

type MessageRow = [id: string, seq: number, authorId: string | null];

/** Moves forward only. Only the person's own feeds are notified. */
export function markRead(viewer: Viewer, chatId: string, seq: number): Promise<void> {
  return write(actorOf(viewer), async ({ tx, announce }) => {
    const where = { chatId, userId: viewer.id, leftAt: null, ...inReach(viewer, 'chatId') };
    const member = await tx.chatMember.findFirst({ where, include: { chat: { select: { revision: true } } } });
    if (!member) throw new NotFoundError('No such chat.');
    // Not beyond what has been said: what comes later is unread.
    const lastReadSeq = Math.min(seq, member.chat.revision);
    const { count } = await tx.chatMember.updateMany({
      where: { id: member.id, lastReadSeq: { lt: lastReadSeq } },
      data: { lastReadSeq },
    });
    if (count > 0) announce('membershipChanged', chatId, viewer.id);
  });
}
