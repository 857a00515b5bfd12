/** The list of a person's chats: pinned first, then by last activity. */
import { z } from 'zod';

import { chatsInReach, type Viewer } from '../auth/viewer.ts';
import { db } from '../database/db.ts';
import { literally } from '../database/literally.ts';
import { type Chat, type ChatKind, Prisma } from '../generated/prisma/client.ts';
import { decodeCursor, encodeCursor, type Page, type PageRequest, pageOf, withRows } from '../paging/pages.ts';
import { isUnread } from './unread.ts';

export type ChatFilter = 'ACTIVE' | 'ARCHIVED' | 'DELETED';

type Place = [isPinned: boolean, lastActivity: string, id: string];

export interface ChatListRequest {
  filter: ChatFilter;
  kind?: ChatKind | undefined;
  search?: string | undefined;
  onlyUnread?: boolean | undefined;
  /** Only those that this person is in too. */
  withPersonId?: string | undefined;
}

/** `load` fetches the chats of a page in one go, in whatever order, with all that is asked of them. */
export async function listChats(
  viewer: Viewer,
  request: PageRequest & ChatListRequest,
  load: (ids: string[]) => Promise<Chat[]>,
): Promise<Page<Chat>> {
  const { after, before, isBackward } = request;
  // A column of microseconds, since a Date would round the place away.
  const places = await db.$queryRaw<{ pinned: boolean; activity: string; id: string }[]>`
    SELECT pinned, activity, id FROM (
      SELECT chat.id, member.pinned_at IS NOT NULL AS pinned,
        to_char(coalesce(chat.last_message_at, chat.created_at) AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') AS activity
      FROM chat JOIN chat_member member ON member.chat_id = chat.id AND member.user_id = ${viewer.id}::uuid AND member.left_at IS NULL
      WHERE ${filters[request.filter]} ${isInReach(viewer)} ${isOfKind(request.kind)} ${titleHolds(request.search)} ${hasUnread(request.onlyUnread)} ${hasMember(request.withPersonId)}
    ) list
    WHERE ${beyond(after, '<')} AND ${beyond(before, '>')}
    ORDER BY ${isBackward ? Prisma.sql`pinned, activity, id` : Prisma.sql`pinned DESC, activity DESC, id DESC`}
    LIMIT ${request.size + 1}`;

  const edges = places.map(({ pinned, activity, id }) => ({
    node: { id },
    cursor: encodeCursor([pinned, activity, id] satisfies Place),
  }));
  const page = pageOf(request, edges);
  return withRows(page, await load(page.edges.map(({ node }) => node.id)));
}

const filters: Record<ChatFilter, Prisma.Sql> = {
  ACTIVE: Prisma.sql`chat.deleted_at IS NULL AND member.archived_at IS NULL`,
  ARCHIVED: Prisma.sql`chat.deleted_at IS NULL AND member.archived_at IS NOT NULL`,
  DELETED: Prisma.sql`chat.deleted_at IS NOT NULL`,
};

function isInReach(viewer: Viewer): Prisma.Sql {
  const chatIds = chatsInReach(viewer);
  return chatIds ? Prisma.sql`AND chat.id = ANY(${chatIds}::uuid[])` : Prisma.empty;
}

function isOfKind(kind: ChatKind | undefined): Prisma.Sql {
  return kind ? Prisma.sql`AND chat.kind = ${kind}::"ChatKind"` : Prisma.empty;
}

/** Decided by one message of each room. */
function hasUnread(isAsked = false): Prisma.Sql {
  if (!isAsked) return Prisma.empty;
  return Prisma.sql`AND chat.kind = 'ROOM' AND member.muted_at IS NULL AND EXISTS (SELECT FROM message WHERE ${isUnread})`;
}

function hasMember(personId: string | undefined): Prisma.Sql {
  if (!personId) return Prisma.empty;
  return Prisma.sql`AND EXISTS (SELECT FROM chat_member other
    WHERE other.chat_id = chat.id AND other.user_id = ${personId}::uuid AND other.left_at IS NULL)`;
}

function titleHolds(search = ''): Prisma.Sql {
  const words = search.trim();
  if (!words) return Prisma.empty;
  const pattern = `%${literally(words)}%`;
  return Prisma.sql`AND chat.title ILIKE ${pattern}`;
}

function beyond(cursor: string | undefined, side: '<' | '>'): Prisma.Sql {
  if (cursor === undefined) return Prisma.sql`true`;
  const [pinned, activity, id] = decodeCursor(cursor, isPlace);
  return Prisma.sql`(pinned, activity, id) ${Prisma.raw(side)} (${pinned}::boolean, ${activity}, ${id}::uuid)`;
}

function isPlace(value: unknown): value is Place {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    typeof value[0] === 'boolean' &&
    typeof value[1] === 'string' &&
    /^\d{20}$/.test(value[1]) &&
    z.guid().safeParse(value[2]).success
  );
}
