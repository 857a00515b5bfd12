import { db } from '../database/db.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { bus } from '../bus/bus.ts';
import { type Agent, Prisma } from '../generated/prisma/client.ts';
import { isUsable } from './choose.ts';

/** What an administrator decides about an agent; what is left out stays, or is as usual. */
export type AgentWishes = Pick<Prisma.AgentUncheckedCreateInput, 'handle' | 'name' | 'provider'> &
  Partial<Pick<Agent, 'clientId' | 'description' | 'model' | 'instructions' | 'maxOutputTokens' | 'effort'>>;

export async function createAgent(wishes: AgentWishes): Promise<Agent> {
  // Asked again after a failure, which of two at once may have had by its clientId rather than by its handle.
  const first = await madeBefore(wishes);
  return first ?? told(make(wishes));
}

function make(wishes: AgentWishes): Promise<Agent> {
  return db.agent
    .create({ data: wishes })
    .catch(async (error) => (await madeBefore(wishes)) ?? explainTakenHandle(error));
}

async function madeBefore({ clientId }: AgentWishes): Promise<Agent | null> {
  return clientId ? db.agent.findUnique({ where: { clientId } }) : null;
}

export async function updateAgent(id: string, wishes: Partial<AgentWishes>): Promise<Agent> {
  await findAgent(id);
  return told(db.agent.update({ where: { id }, data: wishes }).catch(explainTakenHandle));
}

/** Its answers stay, and nobody can choose it any more. */
export async function archiveAgent(id: string): Promise<Agent> {
  const agent = await findAgent(id);
  if (agent.archivedAt) return agent;
  const others = await db.agent.findMany({ where: { id: { not: id }, archivedAt: null } });
  if (others.length === 0) throw new ForbiddenError('This is the last agent. Make another one first.');
  if (isUsable(agent) && !others.some(isUsable)) {
    throw new ForbiddenError('This is the last agent that can answer. Make another one first.');
  }
  if (agent.isDefault) throw new ForbiddenError('This is the default agent. Make another one the default first.');
  return told(db.agent.update({ where: { id }, data: { archivedAt: new Date() } }));
}

export async function setDefaultAgent(id: string): Promise<Agent> {
  const agent = await findAgent(id);
  if (agent.archivedAt) throw new NotFoundError('No such agent.');
  if (!isUsable(agent)) throw new ForbiddenError(`${agent.name} cannot answer: its provider has no key.`);
  const choice = db.$transaction(async (tx) => {
    // Of two at once, the second sees what the first one chose.
    await tx.$queryRaw`SELECT 1 FROM agent ORDER BY id FOR NO KEY UPDATE`;
    await tx.agent.updateMany({ where: { isDefault: true, id: { not: id } }, data: { isDefault: false } });
    return tx.agent.update({ where: { id }, data: { isDefault: true } });
  });
  return told(choice);
}

/** Whoever shows agents hears of what has been done to one. */
async function told(change: Promise<Agent>): Promise<Agent> {
  const agent = await change;
  bus.publish('agentsChanged');
  return agent;
}

async function findAgent(id: string): Promise<Agent> {
  const agent = await db.agent.findUnique({ where: { id } });
  if (!agent) throw new NotFoundError('No such agent.');
  return agent;
}

function explainTakenHandle(error: unknown): never {
  const isTaken = error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
  if (!isTaken) throw error;
  throw new InvalidInputError([{ path: ['input', 'handle'], reason: 'Another agent has this handle.' }]);
}
