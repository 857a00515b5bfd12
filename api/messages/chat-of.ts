import type { Viewer } from '../auth/viewer.ts';
import { messageVisibleTo } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import { NotFoundError } from '../errors.ts';

/** The chat of a message. Throws `NotFoundError` where the viewer may not see the message. */
export async function chatOf(viewer: Viewer, messageId: string): Promise<string> {
  const message = await db.message.findFirst({
    where: { ...messageVisibleTo(viewer), id: messageId },
    select: { chatId: true },
  });
  if (!message) throw new NotFoundError('No such message.');
  return message.chatId;
}
