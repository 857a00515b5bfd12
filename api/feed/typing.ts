/** Who is typing: sent to those who watch the room, for a few seconds, and never stored. */
import { LRUCache } from 'lru-cache';

import { reaches, type Viewer } from '../auth/viewer.ts';
import { bus } from '../bus/bus.ts';
import { db } from '../database/db.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { may } from '../members/may.ts';

/** Clients say it every 3 s; what comes sooner after the last is not passed on. */
const LEAST_PAUSE_MS = 2_000;

const lately = new LRUCache<string, true>({ max: 10_000, ttl: LEAST_PAUSE_MS });

/** By members who may write, in rooms alone: elsewhere no other person would see it. */
export async function setTyping(viewer: Viewer, chatId: string): Promise<void> {
  const key = `${chatId} ${viewer.id}`;
  if (!reaches(viewer, chatId)) throw new NotFoundError('No such chat.');
  if (lately.has(key)) return;
  const member = await db.chatMember.findUnique({
    where: { chatId_userId: { chatId, userId: viewer.id }, leftAt: null },
    include: { chat: true },
  });
  if (!member) throw new NotFoundError('No such chat.');
  if (!may(member, member.chat, 'POST'))
    throw new ForbiddenError(member.chat.closedAt ? 'ROOM_CLOSED' : 'CHAT_DELETED');
  if (member.chat.kind !== 'ROOM') return;
  lately.set(key, true);
  bus.publish('typing', chatId, viewer.id);
}
