/** What a member has not seen of a room yet: counted from the messages, never kept as a counter, so that it cannot drift. */
import DataLoader from 'dataloader';

import { actorOf, type Viewer } from '../auth/viewer.ts';
import { db } from '../database/db.ts';
import { write } from '../database/write.ts';
import { NotFoundError } from '../errors.ts';

/** Nobody counts further. */
export const MOST_UNREAD = 100;

interface Place {
  chatId: string;
  viewerId: string;
}

interface Unread {
  /** MOST_UNREAD at most. */
  count: number;
  firstId: string | null;
  /** Of those that are counted, the ones that mention the viewer, or all members. */
  mentionCount: number;
}

/** Messages of others since the viewer read last; those of the room itself, deleted ones and answers without words do not count. */
export function unreadIn(place: Place): Promise<Unread> {
  return unread.load(place);
}

/** A page of chats is counted by one statement. Nothing is kept for the next request. */
const unread = new DataLoader<Place, Unread>(
  async (places) => {
    // The number and the first one are asked for apart.
    const distinct = [...new Map(places.map((place) => [`${place.chatId} ${place.viewerId}`, place])).values()];
    const chatIds = distinct.map(({ chatId }) => chatId);
    const userIds = distinct.map(({ viewerId }) => viewerId);
    const rows = await db.$queryRaw<(Unread & { chatId: string; userId: string })[]>`
      SELECT member.chat_id::text AS "chatId", member.user_id::text AS "userId", news.count, news.first AS "firstId",
        mentions.count AS "mentionCount"
      FROM unnest(${chatIds}::uuid[], ${userIds}::uuid[]) AS place (chat_id, user_id)
      JOIN chat_member member ON member.chat_id = place.chat_id AND member.user_id = place.user_id
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS count, (array_agg(id::text ORDER BY seq))[1] AS first FROM (
          SELECT message.id, message.seq FROM message
          WHERE message.chat_id = member.chat_id AND message.seq > member.last_read_seq
            AND message.role <> 'SYSTEM' AND message.deleted_at IS NULL
            AND (message.role = 'USER' OR message.content <> '')
            AND message.author_id IS DISTINCT FROM member.user_id
          ORDER BY message.seq LIMIT ${MOST_UNREAD}::int
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
    return places.map(({ chatId, viewerId }) => found.get(`${chatId} ${viewerId}`) ?? nothing);
  },
  { cache: false, batchScheduleFn: (load) => void setImmediate(load) },
);

const nothing: Unread = { count: 0, firstId: null, mentionCount: 0 };

/** Moves forward only. Nobody is notified but the person's own feeds. */
export function markRead(viewer: Viewer, chatId: string, seq: number): Promise<void> {
  return write(actorOf(viewer), async ({ tx, announce }) => {
    const where = { chatId, userId: viewer.id, leftAt: null };
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
