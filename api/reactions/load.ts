/**
 * Loads the reactions of messages: those of a page by one statement. What all readers see is loaded apart from what each gave, so that
 * the first is the same for all of them, and read once however many they are.
 */
import DataLoader from 'dataloader';

import { batched } from '../database/batched.ts';
import { db } from '../database/db.ts';
import { encodeGlobalId, rowId } from '../ids.ts';

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

/** Opaque to clients; without anything that JSON escapes. */
export function reactionKey({ messageId, emoji }: Pick<ReactionKind, 'messageId' | 'emoji'>): string {
  return `${encodeGlobalId('Message', messageId)} ${emoji}`;
}

/** Those of the reactions with these keys that this person gave. Asked for many people at once, it is one statement. */
export function reactionsGiven(userId: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
  return given.load({ userId, keys });
}

const kinds = new DataLoader<string, ReactionKind[]>(async (messageIds) => {
  const rows = await db.$queryRaw<ReactionKind[]>`
    SELECT kind.message_id::text AS "messageId", kind.emoji, kind.count, first."userIds"
    FROM (
      SELECT message_id, emoji, count(*)::int AS count FROM reaction
      WHERE message_id = ANY(${[...new Set(messageIds)]}::uuid[]) GROUP BY message_id, emoji
    ) kind
    CROSS JOIN LATERAL (
      SELECT array_agg(user_id::text ORDER BY created_at, id) AS "userIds", (array_agg(id ORDER BY created_at, id))[1] AS id,
        min(created_at) AS created_at
      FROM (
        SELECT id, user_id, created_at FROM reaction
        WHERE message_id = kind.message_id AND emoji = kind.emoji ORDER BY created_at, id LIMIT ${MOST_PEOPLE}::int
      ) given
    ) first
    ORDER BY first.created_at, first.id`;
  const byMessage = Map.groupBy(rows, ({ messageId }) => messageId);
  return messageIds.map((id) => byMessage.get(id) ?? []);
}, batched);

interface Asked {
  userId: string;
  keys: readonly string[];
}

const given = new DataLoader<Asked, ReadonlySet<string>>(async (asked) => {
  // The receivers of one event share one list.
  const messageIds = new Set([...new Set(asked.map(({ keys }) => keys))].flat().map(messageIdOf));
  const rows = await db.$queryRaw<{ userId: string; messageId: string; emoji: string }[]>`
    SELECT user_id::text AS "userId", message_id::text AS "messageId", emoji FROM reaction
    WHERE message_id = ANY(${[...messageIds]}::uuid[])
      AND user_id = ANY(${[...new Set(asked.map(({ userId }) => userId))]}::uuid[])`;
  const byUser = Map.groupBy(rows, ({ userId }) => userId);
  return asked.map(({ userId }) => new Set(byUser.get(userId)?.map(reactionKey)));
}, batched);

function messageIdOf(key: string): string {
  return rowId('Message', key.split(' ', 1)[0] ?? '');
}
