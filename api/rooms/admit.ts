import type { Change } from '../chats/change.ts';
import { env } from '../env.ts';
import { ForbiddenError } from '../errors.ts';

/**
 * Makes people members of the room, from now on; who is one already stays as they are. Returns those who are new. Throws `ForbiddenError`
 * where the room would be too full.
 */
export async function admit({ tx, chat, revision, now }: Change, personIds: readonly string[]): Promise<string[]> {
  const present = await tx.chatMember.findMany({
    where: { chatId: chat.id, leftAt: null },
    select: { userId: true },
  });
  const members = new Set(present.map(({ userId }) => userId));
  const newIds = [...new Set(personIds)].filter((id) => !members.has(id));
  if (members.size + newIds.length > env.MAX_ROOM_MEMBERS) throw new ForbiddenError('ROOM_FULL');
  const joined = {
    role: 'MEMBER',
    joinedAt: now,
    joinedSeq: chat.revision,
    lastReadSeq: chat.revision,
    leftAt: null,
    removedById: null,
    bannedAt: null,
    archivedAt: null,
    revision,
  } as const;
  await tx.chatMember.updateMany({ where: { chatId: chat.id, userId: { in: newIds } }, data: joined });
  await tx.chatMember.createMany({
    data: newIds.map((userId) => ({ chatId: chat.id, userId, ...joined })),
    skipDuplicates: true,
  });
  return newIds;
}
