import type { Viewer } from '../auth/viewer.ts';
import type { Change } from '../chats/change.ts';
import type { ChatMember } from '../generated/prisma/client.ts';
import { may } from '../members/may.ts';
import { namesIn, readingsOf } from './names.ts';

/** A receiver of a message. One of `userId`, `agentId` and `isRoom` says who. */
export interface Mentioned {
  userId?: string;
  agentId?: string;
  isRoom?: true;
  /** As it stands in the text, in small letters; null: the text does not name them. */
  name: string | null;
}

/** The name that means all members. For moderators. */
const EVERYBODY = 'room';

/** Whom a text names: members and agents of this room alone, each once, in the order of the text. */
export async function findMentioned(
  { tx, chat }: Change,
  viewer: Viewer,
  member: ChatMember,
  text: string,
): Promise<Mentioned[]> {
  const names = namesIn(text);
  if (names.length === 0) return [];
  const handles = await tx.handle.findMany({
    where: {
      name: { in: names.flatMap(readingsOf) },
      OR: [
        { user: { memberships: { some: { chatId: chat.id, leftAt: null } } } },
        { agent: { rooms: { some: { chatId: chat.id } } } },
      ],
    },
  });
  const owners = new Map(handles.map((handle) => [handle.name, handle]));
  const mentioned = new Map<string, Mentioned>();
  for (const name of names.flatMap((each) => readingsOf(each).find((reading) => owners.has(reading)) ?? each)) {
    const { userId = null, agentId = null } = owners.get(name) ?? {};
    if (agentId) mentioned.set(agentId, { agentId, name });
    else if (userId && userId !== viewer.id) mentioned.set(userId, { userId, name });
    else if (readingsOf(name).includes(EVERYBODY) && may(member, chat, 'MENTION_ROOM'))
      mentioned.set(EVERYBODY, { isRoom: true, name: EVERYBODY });
  }
  return [...mentioned.values()];
}
