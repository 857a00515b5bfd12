import { actorOf, type Viewer } from '../auth/viewer.ts';
import { madeBefore } from '../chats/create.ts';
import { requireAllChats } from '../chats/require.ts';
import type { Tx } from '../database/db.ts';
import { hashOfInput } from '../database/same-input.ts';
import { write } from '../database/write.ts';
import { env } from '../env.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import type { Chat, RoomHistory, RoomVisibility } from '../generated/prisma/client.ts';
import { writeEvent } from './write-event.ts';

const DAY_MS = 86_400_000;

export interface NewRoom {
  title: string;
  topic?: string | undefined;
  visibility?: RoomVisibility | undefined;
  history?: RoomHistory | undefined;
  personIds: string[];
  agentIds: string[];
  /** The same id again gives the same room. */
  clientId?: string | undefined;
}

/** A room of which the viewer is the owner, and those who are named are members: its line begins with who added them. */
export async function createRoom(viewer: Viewer, room: NewRoom): Promise<Chat> {
  requireAllChats(viewer);
  const { title, topic, visibility, history, personIds, clientId } = room;
  const agentIds = [...new Set(room.agentIds)];
  const inputHash = hashOfInput('createRoom', { title, topic, visibility, history, personIds, agentIds });
  return write(actorOf(viewer), async ({ tx, announce }) => {
    // As for a chat: of two requests with one clientId the second waits here and then finds the first one's room.
    const [locked] = await tx.$queryRaw<{ now: Date }[]>`
      SELECT now() FROM "user" WHERE id = ${viewer.id}::uuid FOR NO KEY UPDATE`;
    const existing = clientId && (await madeBefore(tx, viewer, { clientId, inputHash }));
    if (existing) return existing;
    await enforceRoomLimit(tx, viewer, locked?.now ?? new Date());

    const others = [...new Set(personIds)].filter((id) => id !== viewer.id);
    if (others.length + 1 > env.MAX_ROOM_MEMBERS) throw new ForbiddenError('ROOM_FULL');
    const found = await tx.user.count({ where: { id: { in: others }, disabledAt: null } });
    if (found < others.length) throw new NotFoundError('No such person.');
    const agents = await tx.agent.count({ where: { id: { in: agentIds }, archivedAt: null } });
    if (agents < agentIds.length) throw new NotFoundError('No such agent.');
    const made = await tx.chat.create({
      data: {
        kind: 'ROOM',
        createdById: viewer.id,
        clientId: clientId ?? null,
        inputHash,
        title,
        titleSource: 'PERSON',
        topic: topic ?? '',
        visibility: visibility ?? 'MEMBERS',
        history: history ?? 'ALL',
        members: {
          create: [{ userId: viewer.id, role: 'OWNER' as const }, ...others.map((userId) => ({ userId }))],
        },
        roomAgents: { create: agentIds.map((agentId) => ({ agentId, addedById: viewer.id })) },
      },
    });
    const events = [
      ...(others.length > 0 ? [{ kind: 'ADDED', personIds: others } as const] : []),
      ...(agentIds.length > 0 ? [{ kind: 'AGENT_ADDED', agentIds } as const] : []),
    ];
    let { revision } = made;
    for (const event of events) await writeEvent({ tx, chat: made, nextRevision: () => ++revision }, viewer, event);
    const room = await tx.chat.update({ where: { id: made.id }, data: { revision } });
    for (const personId of [viewer.id, ...others]) announce('memberAdded', made.id, personId);
    announce('chatChanged', room.id, room.revision);
    return room;
  });
}

async function enforceRoomLimit(tx: Tx, viewer: Viewer, now: Date): Promise<void> {
  const since = new Date(now.getTime() - DAY_MS);
  const made = await tx.chat.count({ where: { kind: 'ROOM', createdById: viewer.id, createdAt: { gt: since } } });
  if (made >= env.ROOMS_PER_USER_A_DAY) throw new ForbiddenError('TOO_MANY_ROOMS');
}
