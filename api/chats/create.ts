import { findUsableAgent } from '../agents/choose.ts';
import type { Viewer } from '../auth/viewer.ts';
import { db } from '../database/db.ts';
import { bus } from '../bus/bus.ts';
import type { Chat } from '../generated/prisma/client.ts';
import { enforceChatLimit } from './active-limit.ts';

export interface NewChat {
  title?: string | undefined;
  agentId?: string | undefined;
  /** The same id again gives the same chat. */
  clientId?: string | undefined;
}

export async function createChat(viewer: Viewer, newChat: NewChat): Promise<Chat> {
  const chat = await createOnce(viewer, newChat);
  bus.publish('chatChanged', chat.id, chat.revision, [viewer.id]);
  return chat;
}

function createOnce(viewer: Viewer, { title, agentId, clientId }: NewChat): Promise<Chat> {
  return db.$transaction(async (tx) => {
    // The person's row first: of two requests with one clientId the second waits here and then finds the first one's chat.
    await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${viewer.id}::uuid FOR UPDATE`;
    const existing = clientId && (await tx.chat.findFirst({ where: { createdById: viewer.id, clientId } }));
    if (existing) return existing;

    await enforceChatLimit(tx, viewer.id);
    if (agentId) await findUsableAgent(tx, agentId);
    return tx.chat.create({
      data: {
        createdById: viewer.id,
        clientId: clientId ?? null,
        agentId: agentId ?? null,
        ...(title !== undefined && { title, titleSource: 'PERSON' }),
        members: { create: { userId: viewer.id } },
      },
    });
  });
}
