/**
 * Loads the reactions of messages: those of a page by one statement. What all readers see is loaded apart from what each gave, so that
 * the first is the same for all of them.
 */
import DataLoader from 'dataloader';

import { batched } from '../database/batched.ts';
import { db } from '../database/db.ts';

/** Of each kind so many people are named, the first who gave it. */
export const MOST_PEOPLE = 20;

export interface ReactionKind {
  messageId: string;
  emoji: string;
  count: number;
  /** The first of them, MOST_PEOPLE at most. */
  userIds: string[];
}

/** The kinds on a message, the oldest first. */
export function reactionsOf(messageId: string): Promise<ReactionKind[]> {
  return kinds.load(messageId);
}

/** Whether that person gave it. */
export async function hasReacted(userId: string, { messageId, emoji }: ReactionKind): Promise<boolean> {
  return (await own.load({ userId, messageId })).has(emoji);
}

const kinds = new DataLoader<string, ReactionKind[]>(async (messageIds) => {
  const rows = await db.$queryRaw<ReactionKind[]>`
    SELECT message_id::text AS "messageId", emoji, count(*)::int AS count,
      array_agg(user_id::text ORDER BY place) FILTER (WHERE place <= ${MOST_PEOPLE}::int) AS "userIds"
    FROM (
      SELECT message_id, emoji, user_id, id, created_at,
        row_number() OVER (PARTITION BY message_id, emoji ORDER BY created_at, id) AS place
      FROM reaction WHERE message_id = ANY(${[...new Set(messageIds)]}::uuid[])
    ) given
    GROUP BY message_id, emoji ORDER BY min(created_at), min(id::text) COLLATE "C"`;
  const byMessage = Map.groupBy(rows, ({ messageId }) => messageId);
  return messageIds.map((id) => byMessage.get(id) ?? []);
}, batched);

const own = new DataLoader<{ userId: string; messageId: string }, ReadonlySet<string>>(async (places) => {
  const rows = await db.$queryRaw<{ userId: string; messageId: string; emoji: string }[]>`
    SELECT user_id::text AS "userId", message_id::text AS "messageId", emoji FROM reaction
    WHERE (message_id, user_id) IN (
      SELECT * FROM unnest(${places.map(({ messageId }) => messageId)}::uuid[], ${places.map(({ userId }) => userId)}::uuid[]))`;
  const given = Map.groupBy(rows, ({ userId, messageId }) => `${userId} ${messageId}`);
  return places.map(
    ({ userId, messageId }) => new Set(given.get(`${userId} ${messageId}`)?.map(({ emoji }) => emoji) ?? []),
  );
}, batched);
