/** What each member sets for themselves in a chat: pin, archive, and what they are notified of. */
import type { Viewer } from '../auth/viewer.ts';
import type { NotifyLevel, Prisma } from '../generated/prisma/client.ts';
import { enforceChatLimit } from './active-limit.ts';
import { type Change, changeChat } from './change.ts';
import { requireRoom } from './require.ts';

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
    if (change.chat.kind === 'ROOM') notifySelf(change, viewer);
  });
}

/** What is left out stays. */
export function setRoomNotifications(
  viewer: Viewer,
  chatId: string,
  { notify, isMuted }: { notify?: NotifyLevel | undefined; isMuted?: boolean | undefined },
): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    requireRoom(change);
    await writeMembership(change, viewer, {
      ...(notify && { notify }),
      ...(isMuted !== undefined && { mutedAt: isMuted ? change.now : null }),
    });
    notifySelf(change, viewer);
  });
}

function changeMembership(
  viewer: Viewer,
  chatId: string,
  data: Prisma.ChatMemberUpdateManyMutationInput,
): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    await writeMembership(change, viewer, data);
    // In a room it concerns no other member.
    if (change.chat.kind === 'ROOM') notifySelf(change, viewer);
  });
}

function notifySelf({ chat, announce, withoutChange }: Change, viewer: Viewer): void {
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
