import type { Viewer } from '../auth/viewer.ts';
import { ForbiddenError } from '../errors.ts';
import type { Change } from './change.ts';
import { isArchived } from './membership.ts';

/** Guards every verb that writes a message: throws `ForbiddenError` where the chat is deleted or archived. */
export async function refuseClosedChat(change: Change, viewer: Viewer): Promise<void> {
  if (change.chat.deletedAt) throw new ForbiddenError('CHAT_DELETED');
  if (await isArchived(change, viewer)) throw new ForbiddenError('CHAT_ARCHIVED');
}
