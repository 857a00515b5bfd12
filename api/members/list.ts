/** Who is in a chat now: owners first, then moderators, each by name. */
import { z } from 'zod';

import { db } from '../database/db.ts';
import { type ChatMember, type MemberRole, Prisma } from '../generated/prisma/client.ts';
import { decodeCursor, encodeCursor, type Page, type PageRequest, pageOf, withRows } from '../paging/pages.ts';

type Place = [role: MemberRole, name: string, id: string];

/** `load` fetches the members of a page in one go, in whatever order, with all that is asked of them. */
export async function listMembers(
  chatId: string,
  request: PageRequest,
  load: (ids: string[]) => Promise<ChatMember[]>,
): Promise<Page<ChatMember>> {
  const { after, before, isBackward } = request;
  // The values of the database's enum are in the order of the roles.
  const places = await db.$queryRaw<{ role: MemberRole; name: string; id: string }[]>`
    SELECT role::text, name, id::text FROM (
      SELECT member.id, member.role, lower(person.name) AS name
      FROM chat_member member JOIN "user" person ON person.id = member.user_id
      WHERE member.chat_id = ${chatId}::uuid AND member.left_at IS NULL
    ) list
    WHERE ${beyond(after, '>')} AND ${beyond(before, '<')}
    ORDER BY ${isBackward ? Prisma.sql`list.role DESC, name DESC, list.id DESC` : Prisma.sql`list.role, name, list.id`}
    LIMIT ${request.size + 1}`;

  const edges = places.map(({ role, name, id }) => ({
    node: { id },
    cursor: encodeCursor([role, name, id] satisfies Place),
  }));
  const page = pageOf(request, edges);
  return withRows(page, await load(page.edges.map(({ node }) => node.id)));
}

function beyond(cursor: string | undefined, side: '<' | '>'): Prisma.Sql {
  if (cursor === undefined) return Prisma.sql`true`;
  const [role, name, id] = decodeCursor(cursor, isPlace);
  return Prisma.sql`(list.role, name, list.id) ${Prisma.raw(side)} (${role}::"MemberRole", ${name}, ${id}::uuid)`;
}

const PlaceShape = z.tuple([z.enum(['OWNER', 'MODERATOR', 'MEMBER']), z.string().max(2_000), z.guid()]);

function isPlace(value: unknown): value is Place {
  const { success, data } = PlaceShape.safeParse(value);
  return success && !data[1].includes('\0');
}
