import type { Viewer } from '../auth/viewer.ts';
import { enforceChatLimit } from '../chats/active-limit.ts';
import { changeChat } from '../chats/change.ts';
import { requireMay } from '../chats/require.ts';
import { isArchived } from '../chats/membership.ts';

/** Brings a chat back from the bin. Throws `ChatLimitError` where it would be one active chat too many. */
export function restoreChat(viewer: Viewer, chatId: string): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, chat, withoutChange } = change;
    if (!chat.deletedAt) return withoutChange(undefined);
    await requireMay(change, viewer, 'RESTORE');
    if (chat.kind === 'PRIVATE' && !(await isArchived(change, viewer))) await enforceChatLimit(tx, viewer.id);
    await tx.chat.update({ where: { id: chatId }, data: { deletedAt: null } });
  });
}
