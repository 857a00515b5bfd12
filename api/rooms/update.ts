import type { Viewer } from '../auth/viewer.ts';
import { changeChat } from '../chats/change.ts';
import { requireMay, requireRoom } from '../chats/require.ts';
import type { RoomHistory, RoomVisibility } from '../generated/prisma/client.ts';
import { revokeLinksOfMembers } from '../invitations/links.ts';
import { writeEvent } from './write-event.ts';

export interface RoomUpdate {
  title?: string | undefined;
  topic?: string | undefined;
  visibility?: RoomVisibility | undefined;
  membersMayInvite?: boolean | undefined;
  history?: RoomHistory | undefined;
  isClosed?: boolean | undefined;
}

/** What is left out stays. What the members see of it is written as an event in the room. */
export function updateRoom(viewer: Viewer, chatId: string, update: RoomUpdate): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, chat, revision, now, withoutChange } = change;
    requireRoom(change);
    const { title = chat.title, topic = chat.topic, visibility = chat.visibility } = update;
    const { membersMayInvite = chat.membersMayInvite, history = chat.history } = update;
    const { isClosed = chat.closedAt !== null } = update;
    const isRenamed = title !== chat.title;
    const hasNewTopic = topic !== chat.topic;
    const hasNewRules =
      visibility !== chat.visibility || membersMayInvite !== chat.membersMayInvite || history !== chat.history;
    const isTurned = isClosed !== (chat.closedAt !== null);
    if (!isRenamed && !hasNewTopic && !hasNewRules && !isTurned) return withoutChange(undefined);

    if (isRenamed || hasNewTopic) await requireMay(change, viewer, 'RENAME');
    if (hasNewRules) await requireMay(change, viewer, 'SET_ACCESS');
    if (isTurned) await requireMay(change, viewer, isClosed ? 'CLOSE' : 'REOPEN');
    await tx.chat.update({
      where: { id: chatId },
      data: {
        title,
        topic,
        visibility,
        membersMayInvite,
        history,
        closedAt: isClosed ? (chat.closedAt ?? now) : null,
        ...(history !== chat.history && { resetRevision: revision }),
      },
    });
    if (chat.membersMayInvite && !membersMayInvite) await revokeLinksOfMembers(change);
    if (isRenamed) await writeEvent(change, viewer, { kind: 'RENAMED', text: title ?? '' });
    if (hasNewTopic) await writeEvent(change, viewer, { kind: 'TOPIC_CHANGED', text: topic });
    if (isTurned) await writeEvent(change, viewer, { kind: isClosed ? 'CLOSED' : 'REOPENED' });
  });
}
