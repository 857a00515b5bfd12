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

/** Who answers the next message in a chat. */
export async function answererOf(tx: Tx, chat: Pick<Chat, 'agentId'>): Promise<Agent> {
  const agent = await findAnswerer(tx, chat);
  if (!agent) throw new ForbiddenError('No agent can answer. An administrator can set a key or bring back the echo.');
  return agent;
}

/** The one chosen for the chat while that one can answer, else the default. */
export async function findAnswerer(tx: Tx, { agentId }: Pick<Chat, 'agentId'>): Promise<Agent | null> {
  const chosen = agentId ? await tx.agent.findUnique({ where: { id: agentId } }) : null;
  return chosen && isUsable(chosen) ? chosen : findDefaultAgent(tx);
}

/** The administrator's choice while it can answer; else the first agent that can, a model before the echo. */
export async function findDefaultAgent(tx: Tx = db): Promise<Agent | null> {
  const agents = await tx.agent.findMany({
    where: { archivedAt: null },
    orderBy: [{ isDefault: 'desc' }, { createdAt: 'asc' }, { id: 'asc' }],
  });
  const usable = agents.filter(isUsable);
  return (
    usable.find(({ isDefault }) => isDefault) ?? usable.find(({ provider }) => provider !== 'ECHO') ?? usable[0] ?? null
  );
}
