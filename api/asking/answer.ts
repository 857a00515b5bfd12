/** Asking an agent: for a first answer, for another one beside it, and for the rest of one that broke off. */
import { answererOf, findUsableAgent, isUsable } from '../agents/choose.ts';
import type { Viewer } from '../auth/viewer.ts';
import { requireMay, requirePrivate, requireRoom, requireVisible } from '../chats/require.ts';
import { type Change, changeChat } from '../chats/change.ts';
import { messageVisibleTo } from '../chats/visible.ts';
import { hashOfInput, requireSameInput } from '../database/same-input.ts';
import { ForbiddenError, NotFoundError, RunInProgressError } from '../errors.ts';
import type { Agent, Message, Prisma, Run } from '../generated/prisma/client.ts';
import { askInRoom, findQuestion } from './ask-in-room.ts';
import { type Asked, newRun } from './new-run.ts';
import { touchSiblings } from '../messages/branches.ts';
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
  /** The answer at hand; of `askAgent` the question. */
  messageId: string;
  /** The same id again gives the first result. */
  clientId: string;
  agentId?: string | undefined;
}

/**
 * Another answer to the same message. In a private chat it stands beside the ended one, with which stays what followed it; in a room it
 * comes at the end of the line, by the same agent where no other is named.
 */
export function regenerateAnswer(viewer: Viewer, chatId: string, request: AnswerRequest): Promise<Sent> {
  return askOnce(viewer, chatId, { ...request, verb: 'regenerateAnswer' }, async (change) => {
    const earlier = await findAnswer(change, request.messageId);
    // In a room, a member who joined after the question may see the answer.
    const isSeen = await change.tx.message.count({ where: { ...messageVisibleTo(viewer), id: earlier.triggerId } });
    if (isSeen === 0) throw new NotFoundError('No such question.');
    if (earlier.trigger.deletedAt) throw new ForbiddenError('QUESTION_DELETED');
    const { tx, chat } = change;
    if (!request.agentId && !earlier.agentId) throw new ForbiddenError('ASKED_BY_MENTION');
    const agentId = request.agentId ?? (chat.kind === 'ROOM' ? earlier.agentId : undefined);
    const agent = agentId ? await findUsableAgent(tx, agentId) : await answererOf(tx, chat);
    return { trigger: earlier.trigger, agent };
  });
}

/** An answer to a person's message in a room, by an agent of it that was not asked, or could not be. */
export function askAgent(viewer: Viewer, chatId: string, request: AnswerRequest & { agentId: string }): Promise<Sent> {
  return askOnce(viewer, chatId, { ...request, verb: 'askAgent' }, async (change) => {
    requireRoom(change);
    const trigger = await findQuestion(change, request.messageId);
    return { trigger, agent: await findUsableAgent(change.tx, request.agentId) };
  });
}

/** The rest of an answer that broke off, as a message of its own below it. Its agent goes on, where that one still can. */
export function continueAnswer(viewer: Viewer, chatId: string, request: AnswerRequest): Promise<Sent> {
  return askOnce(viewer, chatId, { ...request, verb: 'continueAnswer' }, async (change) => {
    requirePrivate(change);
    const broken = await findAnswer(change, request.messageId);
    if (broken.message.deletedAt) throw new ForbiddenError('ANSWER_DELETED');
    if (!isCut(broken) || broken.message.content.trim() === '') throw new ForbiddenError('ANSWER_NOT_CUT');
    return { trigger: broken.message, agent: await agentToGoOn(change, broken, request.agentId) };
  });
}

type EarlierRun = Prisma.RunGetPayload<{ include: { trigger: true; agent: true } }> & { message: Message };

async function agentToGoOn({ tx, chat }: Change, { agent }: EarlierRun, agentId?: string): Promise<Agent> {
  if (agentId) return findUsableAgent(tx, agentId);
  return agent && isUsable(agent) ? agent : answererOf(tx, chat);
}

async function askOnce(
  viewer: Viewer,
  chatId: string,
  { clientId, verb, messageId, agentId }: AnswerRequest & { verb: string },
  choose: (change: Change) => Promise<{ trigger: Message; agent: Agent }>,
): Promise<Sent> {
  const inputHash = hashOfInput(verb, { messageId, agentId });
  return changeChat(viewer, chatId, async (change) => {
    const { tx } = change;
    await lockPerson(tx, viewer.id);
    const again = await tx.run.findFirst({ where: { initiatorId: viewer.id, clientId } });
    if (again) await requireVisible(tx, viewer, again.triggerId);
    if (again) requireSameInput(again.inputHash, inputHash);
    if (again) return change.withoutChange({ messageId: again.triggerId, runIds: [again.id] });

    await requireMay(change, viewer, 'POST');
    const isRoom = change.chat.kind === 'ROOM';
    if (!isRoom) await refuseDuringRun(change);
    const { trigger, agent } = await choose(change);
    const ask = isRoom ? askInRoom : askForAnswer;
    const run = await ask(change, { viewer, trigger, agent, clientId, inputHash });
    return { messageId: trigger.id, runIds: [run.id] };
  });
}

async function findAnswer({ tx, chat }: Change, messageId: string): Promise<EarlierRun> {
  const found = await tx.message.findFirst({
    where: { chatId: chat.id, id: messageId },
    include: { run: { include: { trigger: true, agent: true } } },
  });
  if (!found?.run) throw new NotFoundError('No such answer.');
  const { run, ...message } = found;
  return { ...run, message };
}

/** The empty answer, which becomes the head, and the run that will fill it. The runner is notified after the commit. */
export async function askForAnswer(change: Change, asked: Asked & { viewer: Viewer }): Promise<Run> {
  const { tx, chat, nextRevision, moveHead, announce } = change;
  const { viewer, trigger, agent } = asked;
  if (viewer.role === 'AGENT') throw new ForbiddenError('ONLY_PEOPLE_ASK');
  await enforceRunLimit(tx, viewer.id);
  const revision = nextRevision();
  const answer = await tx.message.create({
    data: { chatId: chat.id, seq: revision, parentId: trigger.id, role: 'ASSISTANT', agentId: agent.id, revision },
  });
  await touchSiblings(change, answer);
  const run = await tx.run.create({ data: { ...newRun(change, asked), messageId: answer.id, revision } });
  moveHead(answer.id);
  announce('runQueued', run.id);
  return run;
}

export async function refuseDuringRun({ tx, chat }: Change): Promise<void> {
  const run = await tx.run.findFirst({ where: { chatId: chat.id, status: { in: activeStatuses } } });
  if (run) throw new RunInProgressError(run.id);
}
