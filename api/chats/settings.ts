import { findUsableAgent } from '../agents/choose.ts';
import type { Viewer } from '../auth/viewer.ts';
import { ForbiddenError } from '../errors.ts';
import { changeChat } from './change.ts';

export interface ChatUpdate {
  title?: string | undefined;
  /** Null: back to the default agent. */
  agentId?: string | null | undefined;
}

export function updateChat(viewer: Viewer, chatId: string, { title, agentId }: ChatUpdate): Promise<void> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, chat } = change;
    // `updateRoom` writes an event of what changed.
    if (chat.kind === 'ROOM') throw new ForbiddenError('IS_A_ROOM');
    if (agentId && agentId !== chat.agentId) await findUsableAgent(tx, agentId);
    await tx.chat.update({
      where: { id: chatId },
      data: {
        ...(title !== undefined && { title, titleSource: 'PERSON' }),
        ...(agentId !== undefined && { agentId }),
      },
    });
  });
}
