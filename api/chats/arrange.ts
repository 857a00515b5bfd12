/** Putting chats in their place: title, agent, pin, archive, bin. */
import { findUsableAgent } from '../agents/choose.ts';
import type { Viewer } from '../auth/viewer.ts';
import { ForbiddenError } from '../errors.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { makeRoomForActiveChat } from './active-limit.ts';
import { type Change, changeChat } from './change.ts';
import { requestStops } from '../runs/stop-requests.ts';

export interface ChatUpdate {
  title?: string | undefined;
  /** Null: back to whoever is the default. */
  agentId?: string | null | undefined;
}

export function updateChat(viewer: Viewer, chatId: string, { title, agentId }: ChatUpdate): Promise<void> {
  return changeChat(viewer, chatId, async ({ tx, chat }) => {
    if (agentId && agentId !== chat.agentId) await findUsableAgent(tx, agentId);
    await tx.chat.update({
      where: { id: chatId },
      data: {
        ...(title !== undefined && { title, titleSource: 'PERSON' }),
        ...(agentId !== undefined && { agentId }),
      },
    });
  });
}

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
    if (!(await isArchived(change, viewer))) return change.unchanged(undefined);
    if (!change.chat.deletedAt) await makeRoomForActiveChat(change.tx, viewer.id);
    await writeMembership(change, viewer, { archivedAt: null });
  });
}

export function deleteChat(viewer: Viewer, chatId: string): Promise<void> {
  return changeChat(viewer, chatId, async ({ tx, chat, announce }) => {
    for (const id of await requestStops(tx, { chatId })) announce('runStopRequested', id);
    await tx.chat.update({ where: { id: chatId }, data: { deletedAt: chat.deletedAt ?? new Date() } });
  });
}

export function restoreChat(viewer: Viewer, chatId: string): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, chat, unchanged } = change;
    if (!chat.deletedAt) return unchanged(undefined);
    if (!(await isArchived(change, viewer))) await makeRoomForActiveChat(tx, viewer.id);
    await tx.chat.update({ where: { id: chatId }, data: { deletedAt: null } });
  });
}

/** Guards every verb that writes a message. */
export async function refuseClosedChat(change: Change, viewer: Viewer): Promise<void> {
  if (change.chat.deletedAt) throw new ForbiddenError('This chat is deleted. Restore it to go on in it.');
  if (await isArchived(change, viewer)) throw new ForbiddenError('This chat is archived. Unarchive it to go on in it.');
}

function changeMembership(
  viewer: Viewer,
  chatId: string,
  data: Prisma.ChatMemberUpdateManyMutationInput,
): Promise<void> {
  return changeChat(viewer, chatId, (change) => writeMembership(change, viewer, data));
}

async function writeMembership(
  { tx, chat, revision }: Change,
  viewer: Viewer,
  data: Prisma.ChatMemberUpdateManyMutationInput,
): Promise<void> {
  await tx.chatMember.updateMany({ where: { chatId: chat.id, userId: viewer.id }, data: { ...data, revision } });
}

async function isArchived({ tx, chat }: Change, viewer: Viewer): Promise<boolean> {
  const where = { chatId: chat.id, userId: viewer.id, archivedAt: { not: null } };
  return (await tx.chatMember.count({ where })) > 0;
}
