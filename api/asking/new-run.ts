import type { Viewer } from '../auth/viewer.ts';
import type { Change } from '../chats/change.ts';
import type { Agent, Message } from '../generated/prisma/client.ts';
import { traceParentNow } from '../operations/trace.ts';
import { providers } from '../providers/providers.ts';

export interface Asked {
  viewer: Pick<Viewer, 'id'>;
  /** What is to be answered. */
  trigger: Message;
  agent: Agent;
  clientId?: string;
  inputHash?: string;
}

/** The columns of a run that was just asked for, but for its revision, and for its answer, which in a room has no place yet. */
export function newRun({ chat, now }: Change, { viewer, trigger, agent, clientId, inputHash }: Asked) {
  return {
    chatId: chat.id,
    triggerId: trigger.id,
    agentId: agent.id,
    initiatorId: viewer.id,
    clientId: clientId ?? null,
    inputHash: inputHash ?? null,
    provider: agent.provider,
    model: agent.model ?? providers[agent.provider].defaultModel(),
    traceParent: traceParentNow(),
    // How long it waits is asked by the database's clock (runner/waiting.ts).
    createdAt: now,
  };
}
