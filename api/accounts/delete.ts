import { endSessions } from '../auth/access.ts';
import { actorOf, type Viewer } from '../auth/viewer.ts';
import { wantBase } from '../changelog/state.ts';
import { requireAllChats } from '../chats/require.ts';
import type { Tx } from '../database/db.ts';
import { write, type Writing } from '../database/write.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { revokeAllLinksOf } from '../invitations/links.ts';
import { requestStops } from '../runs/stop-requests.ts';
import { lockAdministrators, refuseLastAdministrator, requireAdministrator } from './administrators.ts';

/** What becomes of a deleted person's messages in rooms. */
export type MessagesOfDeleted = 'KEEP' | 'ERASE';

/**
 * Deletes an account for good, and with it its private chats; a trigger of the database does that, and hands on the rooms that have no
 * other owner. Oneself, or anybody by an administrator. `ERASE` leaves tombstones of the person's messages in rooms.
 */
export function deletePerson(viewer: Viewer, personId: string, messages: MessagesOfDeleted): Promise<void> {
  requireAllChats(viewer);
  return write(actorOf(viewer), async (writing) => {
    const { tx } = writing;
    await lockAdministrators(tx);
    if (personId !== viewer.id) await requireAdministrator(tx, viewer);
    // Chats before their people, as everywhere: the trigger would lock them in the other order.
    const rooms = await lockChats(tx, personId);
    if ((await tx.user.count({ where: { id: personId } })) === 0) throw new NotFoundError('No such person.');
    await refuseLastAdministrator(tx, personId);
    // Its answers would have no author, and look like those of an unknown agent.
    if ((await tx.message.count({ where: { authorId: personId, role: 'ASSISTANT' } })) > 0)
      throw new ForbiddenError('SERVICE_AGENT_ANSWERED');

    await endSessions(writing, personId);
    await stopRuns(writing, personId);
    await revokeAllLinksOf(tx, personId);
    if (messages === 'ERASE') await eraseMessages(tx, personId);
    await tx.user.delete({ where: { id: personId } });
    // What was erased is in the files of the change log until a base replaces them.
    if (messages === 'ERASE') await wantBase(tx, true);
    await notifyMembers(writing, rooms);
  });
}

/** All chats in which the person is or was. Returns the rooms among them. */
async function lockChats(tx: Tx, personId: string): Promise<string[]> {
  const locked = await tx.$queryRaw<{ id: string; kind: string }[]>`
    SELECT id::text, kind::text FROM chat
    WHERE id IN (SELECT chat_id FROM chat_member WHERE user_id = ${personId}::uuid)
    ORDER BY id FOR UPDATE`;
  return locked.filter(({ kind }) => kind === 'ROOM').map(({ id }) => id);
}

/** In private chats alone: what was asked in a room is the room's. */
async function stopRuns({ tx, announce }: Writing, personId: string): Promise<void> {
  const chats = await tx.chat.findMany({ where: { kind: 'PRIVATE', createdById: personId }, select: { id: true } });
  const stopped = await requestStops(tx, { chatId: { in: chats.map(({ id }) => id) } });
  for (const id of stopped) announce('runStopRequested', id);
}

/** A trigger of the database gives the rooms a new `resetRevision`: so many rows are not sent one by one. */
async function eraseMessages(tx: Tx, personId: string): Promise<void> {
  // They repeat handles as they were written.
  await tx.mention.deleteMany({ where: { message: { authorId: personId, chat: { kind: 'ROOM' } } } });
  await tx.$executeRaw`
    UPDATE message SET content = '', edited_content = NULL, parts = '[]', client_id = NULL,
      deleted_at = coalesce(message.deleted_at, now()), updated_at = now()
    FROM chat WHERE chat.id = message.chat_id AND chat.kind = 'ROOM'
      AND author_id = ${personId}::uuid AND role = 'USER'`;
}

async function notifyMembers({ tx, announce }: Writing, chatIds: string[]): Promise<void> {
  const rooms = await tx.chat.findMany({ where: { id: { in: chatIds } }, select: { id: true, revision: true } });
  for (const { id, revision } of rooms) announce('chatChanged', id, revision);
}
