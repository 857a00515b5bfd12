/** Asking agents in a room: their runs wait in its queue, and each takes its place in the line when it begins. */
import { isUsable } from '../agents/choose.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Change } from '../chats/change.ts';
import { type ExpectedError, ForbiddenError, NotFoundError } from '../errors.ts';
import type { Agent, Message, Run } from '../generated/prisma/client.ts';
import type { Mentioned } from '../mentions/find.ts';
import { noSuchId } from '../ids.ts';
import { findQueueRefusal } from '../runs/queue.ts';
import { type Asked, newRun } from './new-run.ts';

/** Agents that one message asks; those beyond are refused. */
export const MOST_ASKED = 3;

/**
 * Stores whom the message is for, and asks its agents: those that it names, in order, else the agent that answers everything. A refusal
 * leaves the message as it is, and stands beside the mention. Resolves to the runs that wait now.
 */
export async function askMentioned(
  change: Change,
  { viewer, message, mentioned }: { viewer: Viewer; message: Message; mentioned: readonly Mentioned[] },
): Promise<Run[]> {
  const { tx, chat } = change;
  const named = mentioned.flatMap(({ agentId }) => agentId ?? []);
  const always = named.length === 0 && viewer.role !== 'AGENT' ? await agentThatAnswersEverything(change) : null;
  const asked = always ? [always] : named;
  const agents = asked.length > 0 ? await tx.agent.findMany({ where: { id: { in: asked } } }) : [];

  const runs: Run[] = [];
  const refusals = new Map<string, string>();
  for (const agentId of asked) {
    const agent = agents.find(({ id }) => id === agentId);
    if (!agent) continue;
    const refusal = runs.length < MOST_ASKED ? await refusalOf(change, viewer, agent) : tooMany();
    if (refusal) refusals.set(agentId, refusal.code);
    else runs.push(await createWaitingRun(change, { viewer, trigger: message, agent }));
  }
  const addressed = always ? [...mentioned, { agentId: always, name: null }] : mentioned;
  if (addressed.length === 0) return runs;
  await tx.mention.createMany({
    data: addressed.map((each) => ({
      ...each,
      messageId: message.id,
      chatId: chat.id,
      seq: message.seq,
      refusal: refusals.get(each.agentId ?? '') ?? null,
    })),
  });
  return runs;
}

/** Asks one agent of the room, for an answer at the end of the line. Throws the refusal. */
export async function askInRoom(
  change: Change,
  {
    viewer,
    trigger,
    agent,
    ...request
  }: { viewer: Viewer; trigger: Message; agent: Agent; clientId: string; inputHash: string },
): Promise<Run> {
  const { tx, chat, revision } = change;
  const isThere = await tx.roomAgent.count({ where: { chatId: chat.id, agentId: agent.id } });
  if (isThere === 0) throw new ForbiddenError('NOT_IN_ROOM', agent.name);
  const refusal = await refusalOf(change, viewer, agent);
  if (refusal) throw refusal;
  const { count } = await tx.mention.updateMany({
    where: { messageId: trigger.id, agentId: agent.id, refusal: { not: null } },
    data: { refusal: null },
  });
  if (count > 0) await tx.message.update({ where: { id: trigger.id }, data: { revision } });
  return createWaitingRun(change, { viewer, trigger, agent, ...request });
}

/** What an agent of a room may be asked about: what a person said there. */
export async function findQuestion({ tx, chat }: Change, messageId: string): Promise<Message> {
  const message = await tx.message.findFirst({ where: { chatId: chat.id, id: messageId, role: 'USER' } });
  if (!message) throw new NotFoundError('No such message.');
  if (message.deletedAt) throw new ForbiddenError('QUESTION_DELETED');
  return message;
}

/** Null without such an agent, or where its run is queued already: that run sees all that is said until it begins. */
async function agentThatAnswersEverything({ tx, chat }: Change): Promise<string | null> {
  const always = await tx.roomAgent.findFirst({
    where: { chatId: chat.id, replyMode: 'ALWAYS', agent: { archivedAt: null } },
  });
  if (!always) return null;
  const { agentId } = always;
  const isWaiting = { chatId: chat.id, agentId, status: 'QUEUED', stopRequestedAt: null } as const;
  return (await tx.run.count({ where: isWaiting })) === 0 ? agentId : null;
}

/**
 * A run that waited for the agent that answers everything ended without an answer. What others said meanwhile was to be answered by it:
 * the newest of that is asked again.
 */
export async function askForCovered(change: Change, ended: Run): Promise<void> {
  const { tx, chat, nextRevision } = change;
  if (
    ended.agentId === null ||
    chat.deletedAt ||
    chat.closedAt ||
    (await agentThatAnswersEverything(change)) !== ended.agentId
  )
    return;
  const trigger = await tx.message.findUniqueOrThrow({ where: { id: ended.triggerId }, select: { seq: true } });
  const covered = await tx.message.findFirst({
    where: {
      chatId: chat.id,
      role: 'USER',
      seq: { gt: trigger.seq },
      deletedAt: null,
      authorId: { not: ended.initiatorId ?? noSuchId },
      author: { role: { not: 'AGENT' }, memberships: { some: { chatId: chat.id, leftAt: null } } },
      mentions: { none: { agentId: { not: null } } },
    },
    orderBy: { seq: 'desc' },
  });
  if (!covered?.authorId) return;
  const agent = await tx.agent.findUniqueOrThrow({ where: { id: ended.agentId } });
  await tx.mention.create({
    data: { messageId: covered.id, chatId: chat.id, seq: covered.seq, agentId: agent.id },
  });
  await tx.message.update({ where: { id: covered.id }, data: { revision: nextRevision() } });
  await createWaitingRun(change, { viewer: { id: covered.authorId }, trigger: covered, agent });
}

async function refusalOf(change: Change, viewer: Viewer, agent: Agent): Promise<ExpectedError | null> {
  if (viewer.role === 'AGENT') return new ForbiddenError('ONLY_PEOPLE_ASK');
  if (!isUsable(agent)) return new ForbiddenError('AGENT_WITHOUT_KEY', agent.name);
  return findQueueRefusal(change, viewer);
}

function tooMany(): ExpectedError {
  return new ForbiddenError('TOO_MANY_AGENTS');
}

async function createWaitingRun(change: Change, asked: Asked): Promise<Run> {
  const { tx, nextRevision, announce } = change;
  const run = await tx.run.create({ data: { ...newRun(change, asked), revision: nextRevision() } });
  // Where another one goes on or waits before it, the runner leaves it alone until its turn.
  announce('runQueued', run.id);
  return run;
}
