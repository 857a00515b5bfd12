/** Asking an agent: for a first answer, for another one beside it, and for the rest of one that broke off. */
import { answererOf, findUsableAgent, isUsable } from '../agents/choose.ts';
import type { Viewer } from '../auth/viewer.ts';
import { requireMay, requirePrivate, requireVisible } from '../chats/require.ts';
import { type Change, changeChat } from '../chats/change.ts';
import { ForbiddenError, NotFoundError, RunInProgressError } from '../errors.ts';
import type { Agent, Message, Prisma, Run } from '../generated/prisma/client.ts';
import { traceParentNow } from '../operations/trace.ts';
import { providers } from '../providers/providers.ts';
import { touchSiblings } from './branches.ts';
import { enforceRunLimit, lockPerson } from '../runs/limit.ts';
import { isCut } from '../runs/cut.ts';
import { activeStatuses } from '../runs/status.ts';

export interface Sent {
  /** What is answered. */
  messageId: string;
  /** One for each agent that was asked. */
  runIds: string[];
}

export interface AnswerRequest {
  /** The answer at hand. */
  messageId: string;
  /** The same id again gives the first result. */
  clientId: string;
  agentId?: string | undefined;
}

/** Another answer beside an ended one, to the same message. What followed the old one stays with it. */
export function regenerateAnswer(viewer: Viewer, chatId: string, request: AnswerRequest): Promise<Sent> {
  return answerOnce(viewer, chatId, request, async (change, earlier) => {
    if (earlier.trigger.deletedAt) throw new ForbiddenError('QUESTION_DELETED');
    const { agentId } = request;
    const agent = agentId ? await findUsableAgent(change.tx, agentId) : await answererOf(change.tx, change.chat);
    return { trigger: earlier.trigger, agent };
  });
}

/** The rest of an answer that broke off, as a message of its own below it. Its agent goes on, where that one still can. */
export function continueAnswer(viewer: Viewer, chatId: string, request: AnswerRequest): Promise<Sent> {
  return answerOnce(viewer, chatId, request, async (change, broken) => {
    if (broken.message.deletedAt) throw new ForbiddenError('ANSWER_DELETED');
    if (!isCut(broken) || broken.message.content.trim() === '') throw new ForbiddenError('ANSWER_NOT_CUT');
    return { trigger: broken.message, agent: await agentToGoOn(change, broken, request.agentId) };
  });
}

type EarlierRun = Prisma.RunGetPayload<{ include: { trigger: true; agent: true } }> & { message: Message };

async function agentToGoOn({ tx, chat }: Change, { agent }: EarlierRun, agentId?: string): Promise<Agent> {
  if (agentId) return findUsableAgent(tx, agentId);
  return isUsable(agent) ? agent : answererOf(tx, chat);
}

async function answerOnce(
  viewer: Viewer,
  chatId: string,
  { messageId, clientId }: AnswerRequest,
  choose: (change: Change, earlier: EarlierRun) => Promise<{ trigger: Message; agent: Agent }>,
): Promise<Sent> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx } = change;
    await lockPerson(tx, viewer.id);
    const again = await tx.run.findFirst({ where: { initiatorId: viewer.id, clientId } });
    if (again && again.chatId !== chatId) await requireVisible(tx, viewer, again.chatId);
    if (again) return change.withoutChange({ messageId: again.triggerId, runIds: [again.id] });

    await requireMay(change, viewer, 'POST');
    requirePrivate(change);
    await refuseDuringRun(change);
    const found = await tx.message.findFirst({
      where: { chatId, id: messageId },
      include: { run: { include: { trigger: true, agent: true } } },
    });
    if (!found?.run) throw new NotFoundError('No such answer.');
    const { run: earlier, ...message } = found;
    const { trigger, agent } = await choose(change, { ...earlier, message });
    const run = await askForAnswer(change, { viewer, trigger, agent, clientId });
    return { messageId: trigger.id, runIds: [run.id] };
  });
}

/** The empty answer, which becomes the head, and the run that will fill it. The runner hears of it after the commit. */
export async function askForAnswer(
  change: Change,
  request: { viewer: Viewer; trigger: Message; agent: Agent; clientId?: string },
): Promise<Run> {
  const { tx, chat, nextRevision, now, announce } = change;
  const { viewer, trigger, agent, clientId } = request;
  await enforceRunLimit(tx, viewer.id);
  const revision = nextRevision();
  const answer = await tx.message.create({
    data: { chatId: chat.id, seq: revision, parentId: trigger.id, role: 'ASSISTANT', agentId: agent.id, revision },
  });
  await touchSiblings(change, answer);
  const run = await tx.run.create({
    data: {
      chatId: chat.id,
      triggerId: trigger.id,
      messageId: answer.id,
      agentId: agent.id,
      initiatorId: viewer.id,
      clientId: clientId ?? null,
      provider: agent.provider,
      model: agent.model ?? providers[agent.provider].defaultModel(),
      traceParent: traceParentNow(),
      revision,
      // How long it waits is asked by the database's clock (runs/runner.ts).
      createdAt: now,
    },
  });
  await tx.chat.update({ where: { id: chat.id }, data: { headId: answer.id, lastMessageAt: now } });
  announce('runQueued', run.id);
  return run;
}

export async function refuseDuringRun({ tx, chat }: Change): Promise<void> {
  const run = await tx.run.findFirst({ where: { chatId: chat.id, status: { in: activeStatuses } } });
  if (run) throw new RunInProgressError(run.id);
}
