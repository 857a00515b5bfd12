import { createHash, randomBytes } from 'node:crypto';

import type { Viewer } from '../auth/viewer.ts';
import { type Change, changeChat } from '../chats/change.ts';
import { requireMay } from '../chats/require.ts';
import { db, type Tx } from '../database/db.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import type { Invitation } from '../generated/prisma/client.ts';

const DAY_MS = 86_400_000;
/** Of those that can be used, in one room. */
const MOST_OPEN = 50;
/** The same, of one who is neither moderator nor owner. */
const MOST_OF_MEMBER = 5;

/** A link by which others join. The token is returned this once: only its hash is stored. */
export function createInvitation(
  viewer: Viewer,
  chatId: string,
  { days, maxUses }: { days: number; maxUses: number },
): Promise<{ invitationId: string; token: string }> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, now, withoutChange } = change;
    const { role } = await requireMay(change, viewer, 'INVITE');
    const open = await tx.invitation.findMany({
      where: { chatId, revokedAt: null, expiresAt: { gt: now }, uses: { lt: tx.invitation.fields.maxUses } },
      select: { createdById: true },
    });
    const own = open.filter(({ createdById }) => createdById === viewer.id);
    if (open.length >= MOST_OPEN || (role === 'MEMBER' && own.length >= MOST_OF_MEMBER))
      throw new ForbiddenError('TOO_MANY_INVITATIONS');
    const token = randomBytes(20).toString('base64url');
    const { id } = await tx.invitation.create({
      data: {
        chatId,
        createdById: viewer.id,
        tokenHash: hashOf(token),
        maxUses,
        expiresAt: new Date(now.getTime() + days * DAY_MS),
      },
    });
    // Members see nothing of it in the chat itself.
    return withoutChange({ invitationId: id, token });
  });
}

/** By those who may invite in its room; one who is neither moderator nor owner, their own. */
export async function revokeInvitation(viewer: Viewer, id: string): Promise<void> {
  const invitation = await db.invitation.findUnique({ where: { id } });
  if (!invitation) throw new NotFoundError('No such invitation.');
  await changeChat(viewer, invitation.chatId, async (change) => {
    const { role } = await requireMay(change, viewer, 'INVITE');
    if (role === 'MEMBER' && invitation.createdById !== viewer.id) throw new NotFoundError('No such invitation.');
    await change.tx.invitation.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: change.now } });
    change.withoutChange(undefined);
  });
}

/** All who have the token may ask. Throws `NotFoundError`. */
export async function findInvitation(token: string, tx: Tx = db): Promise<Invitation> {
  const invitation = await tx.invitation.findUnique({ where: { tokenHash: hashOf(token) } });
  if (!invitation) throw new NotFoundError('No such invitation.');
  return invitation;
}

export function isUsable({ expiresAt, maxUses, uses, revokedAt }: Invitation, now = new Date()): boolean {
  return !revokedAt && expiresAt > now && uses < maxUses;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Links do not outlive the right of those who made them. */
export async function revokeLinksOf({ tx, chat, now }: Change, personId: string): Promise<void> {
  const where = { chatId: chat.id, createdById: personId, revokedAt: null };
  await tx.invitation.updateMany({ where, data: { revokedAt: now } });
}

/** When members may invite no longer: what moderators and owners made stays. */
export async function revokeLinksOfMembers({ tx, chat, now }: Change): Promise<void> {
  const moderators = await tx.chatMember.findMany({
    where: { chatId: chat.id, leftAt: null, role: { not: 'MEMBER' } },
    select: { userId: true },
  });
  const createdById = { notIn: moderators.map(({ userId }) => userId) };
  const where = { chatId: chat.id, revokedAt: null, OR: [{ createdById }, { createdById: null }] };
  await tx.invitation.updateMany({ where, data: { revokedAt: now } });
}

/** In all rooms, when a person's account is closed. */
export async function revokeAllLinksOf(tx: Tx, personId: string): Promise<void> {
  await tx.invitation.updateMany({
    where: { createdById: personId, revokedAt: null },
    data: { revokedAt: new Date() },
  });
}
