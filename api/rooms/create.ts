import { actorOf, type Viewer } from '../auth/viewer.ts';
import { changeChat } from '../chats/change.ts';
import { madeBefore } from '../chats/create.ts';
import { write } from '../database/write.ts';
import { env } from '../env.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import type { Chat, RoomVisibility } from '../generated/prisma/client.ts';
import { requireMay } from '../chats/require.ts';
import { writeEvent } from './write-event.ts';

export interface NewRoom {
  title: string;
  topic?: string | undefined;
  visibility?: RoomVisibility | undefined;
  personIds: string[];
  /** The same id again gives the same room. */
  clientId?: string | undefined;
}

/** A room of which the viewer is the owner, and those who are named are members. */
export function createRoom(viewer: Viewer, { title, topic, visibility, personIds, clientId }: NewRoom): Promise<Chat> {
  return write(actorOf(viewer), async ({ tx, announce }) => {
    // As for a chat: of two requests with one clientId the second waits here and then finds the first one's room.
    await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${viewer.id}::uuid FOR NO KEY UPDATE`;
    const existing = clientId && (await madeBefore(tx, viewer, clientId, 'ROOM'));
    if (existing) return existing;

    const others = [...new Set(personIds)].filter((id) => id !== viewer.id);
    if (others.length + 1 > env.MAX_ROOM_MEMBERS) throw new ForbiddenError('ROOM_FULL');
    const found = await tx.user.count({ where: { id: { in: others } } });
    if (found < others.length) throw new NotFoundError('No such person.');
    const room = await tx.chat.create({
      data: {
        kind: 'ROOM',
        createdById: viewer.id,
        clientId: clientId ?? null,
        title,
        titleSource: 'PERSON',
        topic: topic ?? '',
        visibility: visibility ?? 'MEMBERS',
        members: {
          create: [{ userId: viewer.id, role: 'OWNER' as const }, ...others.map((userId) => ({ userId }))],
        },
      },
    });
    announce('chatChanged', room.id, room.revision, [viewer.id, ...others]);
    return room;
  });
}

export interface RoomUpdate {
  title?: string | undefined;
  topic?: string | undefined;
  visibility?: RoomVisibility | undefined;
  membersMayInvite?: boolean | undefined;
  isClosed?: boolean | undefined;
}

/** What is left out stays. What the members see of it is told in the room. */
export function updateRoom(viewer: Viewer, chatId: string, update: RoomUpdate): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, chat, now, withoutChange } = change;
    if (chat.kind !== 'ROOM') throw new NotFoundError('No such room.');
    const { title = chat.title, topic = chat.topic, visibility = chat.visibility } = update;
    const { membersMayInvite = chat.membersMayInvite, isClosed = chat.closedAt !== null } = update;
    const isRenamed = title !== chat.title;
    const hasNewTopic = topic !== chat.topic;
    const hasNewRules = visibility !== chat.visibility || membersMayInvite !== chat.membersMayInvite;
    const isTurned = isClosed !== (chat.closedAt !== null);
    if (!isRenamed && !hasNewTopic && !hasNewRules && !isTurned) return withoutChange(undefined);

    if (isRenamed || hasNewTopic || hasNewRules) await requireMay(change, viewer, 'RENAME');
    if (isTurned) await requireMay(change, viewer, isClosed ? 'CLOSE' : 'REOPEN');
    await tx.chat.update({
      where: { id: chatId },
      data: { title, topic, visibility, membersMayInvite, closedAt: isClosed ? (chat.closedAt ?? now) : null },
    });
    if (isRenamed) await writeEvent(change, viewer, { kind: 'RENAMED', text: title ?? '' });
    if (hasNewTopic) await writeEvent(change, viewer, { kind: 'TOPIC_CHANGED', text: topic });
    if (isTurned) await writeEvent(change, viewer, { kind: isClosed ? 'CLOSED' : 'REOPENED' });
  });
}
