/** What each member sets for themselves in a chat: pin and archive. */
import type { Viewer } from '../auth/viewer.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { enforceChatLimit } from './active-limit.ts';
import { type Change, changeChat } from './change.ts';

export function pinChat(viewer: Viewer, chatId: string): Promise<void> {
  return changeMembership(viewer, chatId, { pinnedAt: new Date() });
}

export function unpinChat(viewer: Viewer, chatId: string): Promise<void> {
  return changeMembership(viewer, chatId, { pinnedAt: null });
}

export function archiveChat(viewer: Viewer, chatId: string): Promise<void> {
  return changeMembership(viewer, chatId, { archivedAt: new Date() });
}

export function unarchiveChat(viewer: Viewer, chatId: string): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    if (!(await isArchived(change, viewer))) return change.withoutChange(undefined);
    if (!change.chat.deletedAt && change.chat.kind === 'PRIVATE') await enforceChatLimit(change.tx, viewer.id);
    await writeMembership(change, viewer, { archivedAt: null });
    if (change.chat.kind === 'ROOM') tellSelf(change, viewer);
  });
}

function changeMembership(
  viewer: Viewer,
  chatId: string,
  data: Prisma.ChatMemberUpdateManyMutationInput,
): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    await writeMembership(change, viewer, data);
    // In a room it is nobody else's business.
    if (change.chat.kind === 'ROOM') tellSelf(change, viewer);
  });
}

function tellSelf({ chat, announce, withoutChange }: Change, viewer: Viewer): void {
  announce('membershipChanged', chat.id, viewer.id);
  withoutChange(undefined);
}

async function writeMembership(
  { tx, chat, revision }: Change,
  viewer: Viewer,
  data: Prisma.ChatMemberUpdateManyMutationInput,
): Promise<void> {
  await tx.chatMember.updateMany({ where: { chatId: chat.id, userId: viewer.id }, data: { ...data, revision } });
}

export async function isArchived({ tx, chat }: Change, viewer: Viewer): Promise<boolean> {
  const where = { chatId: chat.id, userId: viewer.id, archivedAt: { not: null } };
  return (await tx.chatMember.count({ where })) > 0;
}
