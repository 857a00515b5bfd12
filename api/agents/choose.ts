import DataLoader from 'dataloader';

import { batched } from '../database/batched.ts';
import { db, type Tx } from '../database/db.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import type { Agent, Chat } from '../generated/prisma/client.ts';
import { providers } from '../providers/providers.ts';

export function isUsable(agent: Agent): boolean {
  return agent.archivedAt === null && providers[agent.provider].isConfigured();
}

/** An agent that a person names: there, not archived, and able to answer. */
export async function findUsableAgent(tx: Tx, id: string): Promise<Agent> {
  const agent = await tx.agent.findUnique({ where: { id, archivedAt: null } });
  if (!agent) throw new NotFoundError('No such agent.');
  if (!isUsable(agent)) {
    throw new ForbiddenError('AGENT_WITHOUT_KEY', agent.name);
  }
  return agent;
}

/** Who answers the next message in a chat. */
export async function answererOf(tx: Tx, chat: Pick<Chat, 'agentId'>): Promise<Agent> {
  const agent = chooseAnswerer(await usableAgents(tx), chat.agentId);
  if (!agent) throw new ForbiddenError('NO_AGENT');
  return agent;
}

/** The same to show it; null where no agent can. */
export function findAnswerer(agentId: string | null): Promise<Agent | null> {
  return answerers.load(agentId ?? NONE);
}

/** No agent's id: a loader takes no null. */
const NONE = '';

/** A list of chats asks for the agent of each: all share one statement. Nothing is kept for the next request. */
const answerers = new DataLoader<string, Agent | null>(async (agentIds) => {
  const usable = await usableAgents(db);
  return agentIds.map((agentId) => chooseAnswerer(usable, agentId));
}, batched);

export function findDefaultAgent(): Promise<Agent | null> {
  return findAnswerer(null);
}

/** The one chosen while that one can answer; else the administrator's choice; else the oldest, a model before the echo. */
function chooseAnswerer(usable: readonly Agent[], chosenId: string | null): Agent | null {
  return (
    usable.find(({ id }) => id === chosenId) ??
    usable.find(({ isDefault }) => isDefault) ??
    usable.find(({ provider }) => provider !== 'ECHO') ??
    usable[0] ??
    null
  );
}

async function usableAgents(tx: Tx): Promise<Agent[]> {
  const present = await tx.agent.findMany({
    where: { archivedAt: null },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  return present.filter(isUsable);
}
