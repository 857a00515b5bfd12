import type { Viewer } from '../auth/viewer.ts';
import { changeChat } from '../chats/change.ts';
import { requireMay } from '../chats/require.ts';
import { requestStops } from '../runs/stop-requests.ts';

/** Stops its runs and moves it to the bin, where `purge.ts` finds it after a while. One that is there keeps its time and revision. */
export function deleteChat(viewer: Viewer, chatId: string): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, chat, announce, withoutChange } = change;
    if (chat.deletedAt) return withoutChange(undefined);
    await requireMay(change, viewer, 'DELETE');
    for (const id of await requestStops(tx, { chatId })) announce('runStopRequested', id);
    await tx.chat.update({ where: { id: chatId }, data: { deletedAt: new Date() } });
  });
}
