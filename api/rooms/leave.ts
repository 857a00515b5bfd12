import type { Viewer } from '../auth/viewer.ts';
import { type Change, changeChat } from '../chats/change.ts';
import { requireMay } from '../chats/require.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import type { ChatMember } from '../generated/prisma/client.ts';
import { mayActOn } from '../members/may.ts';
import { cancelWaiting, stopExternalAnswers } from '../runs/queue.ts';
import { revokeLinksOf } from '../invitations/links.ts';
import { writeEvent } from './write-event.ts';

/** The last owner names another before; the room of the very last member is deleted. */
export function leaveRoom(viewer: Viewer, chatId: string): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, revision, now } = change;
    const own = await requireMay(change, viewer, 'LEAVE');
    const others = await tx.chatMember.findMany({
      where: { chatId, leftAt: null, userId: { not: viewer.id } },
      select: { role: true, user: { select: { role: true, disabledAt: true } } },
    });
    // One who cannot sign in, as no service agent can, looks after nothing, where there is somebody who can.
    const active = others.filter(({ user }) => user.role !== 'AGENT' && !user.disabledAt);
    const hasOwner = (active.length > 0 ? active : others).some(({ role }) => role === 'OWNER');
    if (own.role === 'OWNER' && !hasOwner && others.length > 0) throw new ForbiddenError('LAST_OWNER');
    await writeEvent(change, viewer, { kind: 'LEFT', personIds: [viewer.id] });
    await revokeLinksOf(change, viewer.id);
    await cancelWaiting(change, { initiatorId: viewer.id });
    await stopExternalAnswers(change, viewer.id, chatId);
    await tx.chatMember.update({
      where: { id: own.id },
      data: { role: 'MEMBER', leftAt: now, removedById: null, pinnedAt: null, revision },
    });
    if (others.length === 0) await tx.chat.update({ where: { id: chatId }, data: { deletedAt: now } });
  });
}

/** Ends a membership. `ban`: they cannot come back by themselves. */
export function removeMember(
  viewer: Viewer,
  chatId: string,
  { personId, ban }: { personId: string; ban: boolean },
): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, revision, now } = change;
    const own = await requireMay(change, viewer, 'REMOVE_MEMBERS');
    const member = ban ? await findEverMember(change, personId) : await findMember(change, personId);
    if (!member.leftAt && !mayActOn(own.role, member.role)) throw new ForbiddenError('OWNER_PROTECTED');
    if (!member.leftAt) await writeEvent(change, viewer, { kind: 'REMOVED', personIds: [personId] });
    await revokeLinksOf(change, personId);
    await cancelWaiting(change, { initiatorId: personId });
    await stopExternalAnswers(change, personId, chatId);
    await tx.chatMember.update({
      where: { id: member.id },
      data: {
        role: 'MEMBER',
        leftAt: member.leftAt ?? now,
        removedById: viewer.id,
        bannedAt: ban ? now : null,
        pinnedAt: null,
        revision,
      },
    });
  });
}

/** Throws `NotFoundError` where they are no member now. */
export async function findMember({ tx, chat }: Change, personId: string): Promise<ChatMember> {
  const member = await tx.chatMember.findFirst({ where: { chatId: chat.id, userId: personId, leftAt: null } });
  if (!member) throw new NotFoundError('No such member.');
  return member;
}

/** A person who left can be banned too. */
async function findEverMember({ tx, chat }: Change, personId: string): Promise<ChatMember> {
  const member = await tx.chatMember.findFirst({ where: { chatId: chat.id, userId: personId } });
  if (!member) throw new NotFoundError('No such member.');
  return member;
}
