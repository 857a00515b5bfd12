/**
 * What differs between the members of a chat who receive the same change: their role and rights, pin, archive and unread count. Read
 * for all of them at once, so that the rest of an event is made once for all.
 */
import DataLoader from 'dataloader';

import { batched } from '../database/batched.ts';
import { db } from '../database/db.ts';
import { readInTurn } from '../database/shared-reads.ts';
import type { MemberRole, NotifyLevel } from '../generated/prisma/client.ts';
import { actionsOf, type ChatAction, type ChatState } from '../members/may.ts';
import { encodeGlobalId } from '../ids.ts';
import { keyOf, type Place } from './place.ts';
import { newestOfRooms, unreadOf } from './unread.ts';

/** The fields of `Chat` that depend on who asks, by their names and as JSON has them. A field that is missing here costs each viewer an execution of each event. */
export interface OwnFields {
  pinnedAt: string | null;
  archivedAt: string | null;
  viewerRole: MemberRole;
  viewerCan: ChatAction[];
  notify: NotifyLevel;
  mutedAt: string | null;
  unreadCount: number;
  mentionCount: number;
  firstUnreadId: string | null;
}

export const ownFieldNames: ReadonlySet<string> = new Set<keyof OwnFields>([
  'pinnedAt',
  'archivedAt',
  'viewerRole',
  'viewerCan',
  'notify',
  'mutedAt',
  'unreadCount',
  'mentionCount',
  'firstUnreadId',
]);

export interface OwnView {
  fields: OwnFields;
  /** No message up to this `seq` is seen by them. */
  hiddenUntil: number;
  /** Another one where they left and are back. */
  joinedSeq: number;
  /** Changes whenever the membership's row is written. */
  version: string;
}

/** Null where they are no member now, or the chat is gone. */
export function ownView(place: Place): Promise<OwnView | null> {
  return views.load(place);
}

/** Of more readers of one event, the first are written to while the others’ part is still read. */
const MOST_AT_ONCE = 250;

const views = new DataLoader<Place, OwnView | null>((places) => readInTurn(async () => viewsOf(places)), {
  ...batched,
  maxBatchSize: MOST_AT_ONCE,
});

interface MemberRow extends Place {
  role: MemberRole;
  pinnedAt: string | null;
  archivedAt: string | null;
  lastReadSeq: number;
  notify: NotifyLevel;
  mutedAt: string | null;
  hiddenUntil: number;
  joinedSeq: number;
  version: string;
}

type ChatRow = ChatState & { id: string };
/** As JSON has it. */
type StoredChat = Omit<ChatRow, 'closedAt' | 'deletedAt'> & { closedAt: string | null; deletedAt: string | null };

/** As the database gives it, behind its place's number from 1 on. */
type MemberValues = [
  number: number,
  role: MemberRole,
  pinnedAt: string | null,
  archivedAt: string | null,
  lastReadSeq: number,
  notify: NotifyLevel,
  mutedAt: string | null,
  hiddenUntil: number,
  joinedSeq: number,
  version: string,
];

async function viewsOf(places: readonly Place[]): Promise<(OwnView | null)[]> {
  const newests = newestOfRooms(places);
  const { members, chats } = await membersAt(places);
  const byId = new Map(chats.map((chat) => [chat.id, chat]));
  const inRooms = members.filter(({ chatId }) => byId.get(chatId)?.kind === 'ROOM');
  const counts = await unreadOf(inRooms, newests);
  const found = new Map(
    members.flatMap((member) => {
      const chat = byId.get(member.chatId);
      if (!chat) return [];
      const { role, pinnedAt, archivedAt, hiddenUntil, joinedSeq, version } = member;
      const state = { role, archivedAt: dateOf(archivedAt) };
      const unread = counts.get(keyOf(member));
      const fields: OwnFields = {
        pinnedAt: instant(pinnedAt),
        archivedAt: instant(archivedAt),
        viewerRole: role,
        viewerCan: actionsOf(state, chat),
        notify: member.notify,
        mutedAt: instant(member.mutedAt),
        unreadCount: unread?.count ?? 0,
        mentionCount: unread?.mentionCount ?? 0,
        firstUnreadId: unread?.firstId ? encodeGlobalId('Message', unread.firstId) : null,
      };
      return [[keyOf(member), { fields, hiddenUntil, joinedSeq, version }] as const];
    }),
  );
  return places.map((place) => found.get(keyOf(place)) ?? null);
}

/** As one value without names, since a row of its own for each of hundreds takes the client longer than the database, and so do names. */
async function membersAt(places: readonly Place[]): Promise<{ members: MemberRow[]; chats: ChatRow[] }> {
  const chatIds = places.map(({ chatId }) => chatId);
  const viewerIds = places.map(({ viewerId }) => viewerId);
  const distinct = [...new Set(chatIds)];
  const [row] = await db.$queryRaw<{ members: MemberValues[] | null; chats: StoredChat[] | null }[]>`
    SELECT json_agg(json_build_array(place.number, member.role, member.pinned_at, member.archived_at, member.last_read_seq,
        member.notify, member.muted_at, sight.hidden_until, member.joined_seq, member.xmin::text)) AS members,
      (SELECT json_agg(json_build_object('id', id, 'kind', kind, 'membersMayInvite', members_may_invite,
        'closedAt', closed_at, 'deletedAt', deleted_at)) FROM chat WHERE id = ANY(${distinct}::uuid[])) AS chats
    FROM unnest(${chatIds}::uuid[], ${viewerIds}::uuid[]) WITH ORDINALITY AS place (chat_id, user_id, number)
    JOIN chat_member member ON member.chat_id = place.chat_id AND member.user_id = place.user_id
    JOIN sight ON sight.chat_id = place.chat_id AND sight.user_id = place.user_id
    WHERE member.left_at IS NULL`;
  const members = (row?.members ?? []).flatMap(([number, ...values]) => {
    const place = places[number - 1];
    const [role, pinnedAt, archivedAt, lastReadSeq, notify, mutedAt, hiddenUntil, joinedSeq, version] = values;
    if (!place) return [];
    return [{ ...place, role, pinnedAt, archivedAt, lastReadSeq, notify, mutedAt, hiddenUntil, joinedSeq, version }];
  });
  const chats = (row?.chats ?? []).map((chat) => ({
    ...chat,
    closedAt: dateOf(chat.closedAt),
    deletedAt: dateOf(chat.deletedAt),
  }));
  return { members, chats };
}

function dateOf(time: string | null): Date | null {
  return time === null ? null : new Date(time);
}

function instant(time: string | null): string | null {
  return dateOf(time)?.toISOString() ?? null;
}
