import type { Viewer } from '../auth/viewer.ts';
import type { Change } from '../chats/change.ts';
import type { RoomEvent } from '../messages/room-event.ts';

/** Writes what happened in the room as a message without an author. */
export async function writeEvent(
  { tx, chat, nextRevision }: Pick<Change, 'tx' | 'chat' | 'nextRevision'>,
  viewer: Pick<Viewer, 'id'>,
  event: Pick<RoomEvent, 'kind'> & Partial<RoomEvent>,
): Promise<void> {
  const seq = nextRevision();
  // More than one event in a change follow each other.
  const { headId } = await tx.chat.findUniqueOrThrow({ where: { id: chat.id }, select: { headId: true } });
  const { id } = await tx.message.create({
    data: {
      chatId: chat.id,
      seq,
      revision: seq,
      parentId: headId,
      role: 'SYSTEM',
      authorId: viewer.id,
      event: { personIds: [], agentIds: [], text: '', ...event },
    },
  });
  await tx.chat.update({ where: { id: chat.id }, data: { headId: id } });
}
