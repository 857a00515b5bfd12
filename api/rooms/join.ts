/** The ways into a room: by oneself where it is open, by a member who may invite, by a link. */
import type { Viewer } from '../auth/viewer.ts';
import { type Change, changeChat, changeChatWhere } from '../chats/change.ts';
import { requireMay } from '../chats/require.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { admit } from './admit.ts';
import { findInvitation, isUsable } from '../invitations/links.ts';
import { writeEvent } from './write-event.ts';

const HOUR_MS = 3_600_000;
/** Of one person into one room in an hour: each writes an event for all members, and so does each leaving. */
const MOST_JOINS = 10;

/** Joins an open room. A member already: nothing happens. */
export function joinRoom(viewer: Viewer, chatId: string): Promise<void> {
  const isOpen = { kind: 'ROOM', visibility: 'OPEN', deletedAt: null } as const;
  return changeChatWhere(viewer, chatId, isOpen, (change) => enter(change, viewer));
}

/** Joins by the token of a link. One that is unknown, used up, revoked or too old is not there; a member's changes nothing. */
export async function acceptInvitation(viewer: Viewer, token: string): Promise<string> {
  const { chatId } = await findInvitation(token);
  await changeChatWhere(viewer, chatId, { kind: 'ROOM', deletedAt: null }, async (change) => {
    // Read again under the room's lock, so that the last use is taken once.
    const invitation = await findInvitation(token, change.tx);
    if (await isMember(change, viewer)) return change.withoutChange(undefined);
    if (!isUsable(invitation, change.now)) throw new NotFoundError('No such invitation.');
    await enter(change, viewer);
    await change.tx.invitation.update({ where: { id: invitation.id }, data: { uses: { increment: 1 } } });
  });
  return chatId;
}

/** At most 50 at once. Those who are members already stay as they are. */
export function addMembers(viewer: Viewer, chatId: string, personIds: string[]): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, withoutChange } = change;
    const { role } = await requireMay(change, viewer, 'INVITE');
    const found = await tx.user.count({ where: { id: { in: personIds }, disabledAt: null } });
    if (found < new Set(personIds).size) throw new NotFoundError('No such person.');
    // A banned person comes back by those who may remove, not by every member who may invite.
    if (role === 'MEMBER') await refuseBanned(change, personIds);
    const added = await admit(change, personIds);
    if (added.length === 0) return withoutChange(undefined);
    await writeEvent(change, viewer, { kind: 'ADDED', personIds: added });
  });
}

async function enter(change: Change, viewer: Viewer): Promise<void> {
  if (change.chat.closedAt) throw new ForbiddenError('ROOM_CLOSED');
  await refuseBanned(change, [viewer.id]);
  await refuseFrequentJoins(change, viewer);
  const joined = await admit(change, [viewer.id]);
  if (joined.length === 0) return change.withoutChange(undefined);
  await writeEvent(change, viewer, { kind: 'JOINED', personIds: joined });
}

async function refuseBanned({ tx, chat }: Change, personIds: string[]): Promise<void> {
  const where = { chatId: chat.id, userId: { in: personIds }, bannedAt: { not: null } };
  if ((await tx.chatMember.count({ where })) > 0) throw new ForbiddenError('BANNED');
}

async function refuseFrequentJoins({ tx, chat, now }: Change, viewer: Viewer): Promise<void> {
  const since = { gt: new Date(now.getTime() - HOUR_MS) };
  const leftSince = { chatId: chat.id, userId: viewer.id, leftAt: since };
  if ((await tx.chatMember.count({ where: leftSince })) === 0) return;
  const event = { path: ['kind'], equals: 'JOINED' };
  const joins = await tx.message.count({ where: { chatId: chat.id, authorId: viewer.id, createdAt: since, event } });
  if (joins >= MOST_JOINS) throw new ForbiddenError('TOO_MANY_JOINS');
}

async function isMember({ tx, chat }: Change, viewer: Viewer): Promise<boolean> {
  return (await tx.chatMember.count({ where: { chatId: chat.id, userId: viewer.id, leftAt: null } })) > 0;
}
