import { actorOf, type Viewer } from '../auth/viewer.ts';
import { db, type Tx } from '../database/db.ts';
import { hashOfInput, requireSameInput } from '../database/same-input.ts';
import { write } from '../database/write.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { type Agent, Prisma } from '../generated/prisma/client.ts';
import { handleTaken, refuseKeptHandle } from '../handles/handles.ts';
import { isUsable } from './choose.ts';

/** What an administrator decides about an agent; what is left out stays, or is as usual. */
export type AgentInput = Pick<Prisma.AgentUncheckedCreateInput, 'handle' | 'name' | 'provider'> &
  Partial<Pick<Agent, 'clientId' | 'description' | 'model' | 'instructions' | 'maxOutputTokens' | 'effort'>>;

export async function createAgent(viewer: Viewer, input: AgentInput): Promise<Agent> {
  const { clientId, ...asked } = input;
  const inputHash = hashOfInput('createAgent', asked);
  const first = await madeBefore(clientId, inputHash);
  if (first) return first;
  // Of two at once with one clientId, the second fails by the clientId or by the handle.
  return writeAgent(viewer, async (tx) => {
    await refuseKeptHandle(tx, input.handle);
    return tx.agent.create({ data: { ...input, inputHash } });
  }).catch(async (error) => (await madeBefore(clientId, inputHash)) ?? explainTakenHandle(error));
}

async function madeBefore(clientId: AgentInput['clientId'], inputHash: string): Promise<Agent | null> {
  const made = clientId ? await db.agent.findUnique({ where: { clientId } }) : null;
  if (made) requireSameInput(made.inputHash, inputHash);
  return made;
}

export async function updateAgent(viewer: Viewer, id: string, input: Partial<AgentInput>): Promise<Agent> {
  await findAgent(id);
  return writeAgent(viewer, async (tx) => {
    if (input.handle) await refuseKeptHandle(tx, input.handle, id);
    return tx.agent.update({ where: { id }, data: input });
  }).catch(explainTakenHandle);
}

/** Its answers stay, and it cannot be chosen any more. */
export async function archiveAgent(viewer: Viewer, id: string): Promise<Agent> {
  const agent = await findAgent(id);
  if (agent.archivedAt) return agent;
  const others = await db.agent.findMany({ where: { id: { not: id }, archivedAt: null } });
  if (others.length === 0) throw new ForbiddenError('LAST_AGENT');
  if (isUsable(agent) && !others.some(isUsable)) {
    throw new ForbiddenError('LAST_USABLE_AGENT');
  }
  if (agent.isDefault) throw new ForbiddenError('DEFAULT_AGENT');
  return writeAgent(viewer, (tx) => tx.agent.update({ where: { id }, data: { archivedAt: new Date() } }));
}

export async function setDefaultAgent(viewer: Viewer, id: string): Promise<Agent> {
  const agent = await findAgent(id);
  if (agent.archivedAt) throw new NotFoundError('No such agent.');
  if (!isUsable(agent)) throw new ForbiddenError('AGENT_WITHOUT_KEY', agent.name);
  return writeAgent(viewer, async (tx) => {
    // Of two at once, the second sees what the first one chose.
    await tx.$queryRaw`SELECT 1 FROM agent ORDER BY id FOR NO KEY UPDATE`;
    await tx.agent.updateMany({ where: { isDefault: true, id: { not: id } }, data: { isDefault: false } });
    return tx.agent.update({ where: { id }, data: { isDefault: true } });
  });
}

function writeAgent(viewer: Viewer, work: (tx: Tx) => Promise<Agent>): Promise<Agent> {
  return write(actorOf(viewer), async ({ tx, announce }) => {
    const agent = await work(tx);
    announce('agentsChanged');
    return agent;
  });
}

async function findAgent(id: string): Promise<Agent> {
  const agent = await db.agent.findUnique({ where: { id } });
  if (!agent) throw new NotFoundError('No such agent.');
  return agent;
}

function explainTakenHandle(error: unknown): never {
  const isTaken = error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
  if (!isTaken) throw error;
  throw handleTaken();
}
