import { db, type Tx } from '../db.ts';
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
    throw new ForbiddenError(`${agent.name} cannot answer: its provider has no key. An administrator can set one.`);
  }
  return agent;
}

/** Who answers in a chat: the one chosen for it while that one can, else the default. */
export async function answererOf(tx: Tx, chat: Pick<Chat, 'agentId'>): Promise<Agent> {
  const chosen = chat.agentId ? await tx.agent.findUnique({ where: { id: chat.agentId } }) : null;
  return chosen && isUsable(chosen) ? chosen : defaultAgent(tx);
}

/** The administrator's choice while it can answer; else the first agent that can, a model before the echo. */
export async function defaultAgent(tx: Tx = db): Promise<Agent> {
  const agents = await tx.agent.findMany({
    where: { archivedAt: null },
    orderBy: [{ isDefault: 'desc' }, { createdAt: 'asc' }, { id: 'asc' }],
  });
  const usable = agents.filter(isUsable);
  const agent =
    usable.find(({ isDefault }) => isDefault) ?? usable.find(({ provider }) => provider !== 'ECHO') ?? usable[0];
  if (!agent) throw new ForbiddenError('No agent can answer. An administrator can set a key or bring back the echo.');
  return agent;
}
