import type { Tx } from '../database/db.ts';
import { ChatLimitError } from '../errors.ts';

/**
 * Refuses where a person has as many active private chats as they may have; rooms do not count. The person's row is locked, so that of many
 * requests at once each counts what the one before it made. Where a chat is locked too, that one comes first, as everywhere.
 */
export async function enforceChatLimit(tx: Tx, userId: string): Promise<void> {
  const [person] = await tx.$queryRaw<{ limit: number }[]>`
    SELECT max_chats AS "limit" FROM "user" WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
  const limit = person?.limit ?? 0;
  const active = await tx.chat.count({
    where: { kind: 'PRIVATE', deletedAt: null, members: { some: { userId, archivedAt: null } } },
  });
  if (active >= limit) throw new ChatLimitError(limit);
}
