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

/** Messages of others since the viewer read last, MOST_UNREAD at most; those of the room itself and deleted ones do not count. */
export function unreadCount(place: Place): Promise<number> {
  return counts.load(place);
}

/** A page of chats is counted by one statement. Nothing is kept for the next request. */
const counts = new DataLoader<Place, number>(
  async (places) => {
    const chatIds = places.map(({ chatId }) => chatId);
    const userIds = places.map(({ viewerId }) => viewerId);
    const rows = await db.$queryRaw<{ chatId: string; userId: string; count: number }[]>`
      SELECT member.chat_id::text AS "chatId", member.user_id::text AS "userId", (
        SELECT count(*)::int FROM (
          SELECT FROM message
          WHERE message.chat_id = member.chat_id AND message.seq > member.last_read_seq
            AND message.role <> 'SYSTEM' AND message.deleted_at IS NULL
            AND message.author_id IS DISTINCT FROM member.user_id
          LIMIT ${MOST_UNREAD}::int
        ) unread
      ) AS count
      FROM unnest(${chatIds}::uuid[], ${userIds}::uuid[]) AS place (chat_id, user_id)
      JOIN chat_member member ON member.chat_id = place.chat_id AND member.user_id = place.user_id`;
    const found = new Map(rows.map(({ chatId, userId, count }) => [`${chatId} ${userId}`, count]));
    return places.map(({ chatId, viewerId }) => found.get(`${chatId} ${viewerId}`) ?? 0);
  },
  { cache: false, batchScheduleFn: (load) => void setImmediate(load) },
);

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
