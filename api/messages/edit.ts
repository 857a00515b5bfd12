import type { Viewer } from '../auth/viewer.ts';
import { requireMay } from '../chats/require.ts';
import { may } from '../members/may.ts';
import { type Change, changeChat } from '../chats/change.ts';
import { ForbiddenError, NotFoundError, RunInProgressError } from '../errors.ts';
import type { Message } from '../generated/prisma/client.ts';
import { touchReplies } from './quote.ts';
import { cancelWaiting } from '../runs/queue.ts';
import { activeStatuses } from '../runs/status.ts';

/** In place: the first wording stays beside the new one. */
export function editMessage(viewer: Viewer, chatId: string, edit: { id: string; content: string }): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, revision } = change;
    await requireMay(change, viewer, 'EDIT_OWN');
    const message = await findPresent(change, edit.id);
    const isOwn = message.authorId === viewer.id && message.role === 'USER';
    if (!isOwn) throw new ForbiddenError('NOT_THE_AUTHOR');
    await tx.message.update({
      where: { id: edit.id },
      data: { editedContent: edit.content, editedAt: new Date(), revision },
    });
    await touchReplies(change, edit.id);
  });
}

/** Leaves a tombstone, so that what was answered to it keeps its place. The text is shown to no person and sent to no model. */
export function deleteMessage(viewer: Viewer, chatId: string, id: string): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, chat, revision, withoutChange } = change;
    const member = await requireMay(change, viewer, 'DELETE_OWN');
    const message = await tx.message.findFirst({ where: { chatId, id, role: { not: 'SYSTEM' } } });
    if (!message) throw new NotFoundError('No such message.');
    const isTheirs = message.authorId === viewer.id || (message.role === 'ASSISTANT' && chat.kind === 'PRIVATE');
    if (!isTheirs && !may(member, chat, 'DELETE_ANY_MESSAGE')) throw new ForbiddenError('NOT_THE_AUTHOR');
    await refuseWhileAnswered(change, id);
    if (message.deletedAt) return withoutChange(undefined);
    await cancelWaiting(change, { triggerId: id });
    await tx.message.update({
      where: { id },
      data: { deletedAt: new Date(), deletedById: isTheirs ? null : viewer.id, revision },
    });
    await touchReplies(change, id);
  });
}

async function findPresent({ tx, chat }: Change, id: string): Promise<Message> {
  const message = await tx.message.findFirst({
    where: { chatId: chat.id, id, deletedAt: null, role: { not: 'SYSTEM' } },
  });
  if (!message) throw new NotFoundError('No such message.');
  return message;
}

async function refuseWhileAnswered({ tx }: Change, id: string): Promise<void> {
  // A run in the queue of a room is cancelled instead.
  const run = await tx.run.findFirst({
    where: { status: { in: activeStatuses }, OR: [{ messageId: id }, { triggerId: id, messageId: { not: null } }] },
  });
  if (run) throw new RunInProgressError(run.id);
}
