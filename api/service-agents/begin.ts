import type { Viewer } from '../auth/viewer.ts';
import { type Change, changeChat } from '../chats/change.ts';
import { requireMay, requireRoom, requireVisible } from '../chats/require.ts';
import { hashOfInput, requireSameInput } from '../database/same-input.ts';
import { env } from '../env.ts';
import { ForbiddenError, NotFoundError, RunInProgressError } from '../errors.ts';
import type { Message, Run } from '../generated/prisma/client.ts';
import { traceParentNow } from '../operations/trace.ts';
import { lockPerson } from '../runs/limit.ts';
import { activeStatuses } from '../runs/status.ts';

export interface BegunAnswer {
  chatId: string;
  /** A person's message in that room. */
  replyToId: string;
  /** The same id again gives the first result. */
  clientId: string;
}

/**
 * The answer takes its place at the end of the room's line, still without words, and its run begins at once: it waits in no queue, and
 * does not delay others. One at a time in each room. Returns the run's id.
 */
export function beginAnswer(viewer: Viewer, { chatId, replyToId, clientId }: BegunAnswer): Promise<string> {
  const inputHash = hashOfInput('beginAnswer', { chatId, replyToId });
  return changeChat(viewer, chatId, async (change) => {
    if (viewer.role !== 'AGENT') throw new ForbiddenError('NOT_A_SERVICE_AGENT');
    await lockPerson(change.tx, viewer.id);
    const first = await begunBefore(change, viewer, { clientId, inputHash });
    if (first) return change.withoutChange(first);

    await requireMay(change, viewer, 'POST');
    requireRoom(change);
    const question = await findQuestion(change, viewer, replyToId);
    await refuseTooMany(change, viewer);
    const answer = await createMessage(change, { viewer, question, clientId, inputHash });
    return createRun(change, { viewer, question, answer });
  });
}

async function begunBefore(
  { tx }: Change,
  viewer: Viewer,
  { clientId, inputHash }: { clientId: string; inputHash: string },
): Promise<string | null> {
  const message = await tx.message.findUnique({
    where: { authorId_clientId: { authorId: viewer.id, clientId } },
    include: { run: { select: { id: true } } },
  });
  if (!message) return null;
  await requireVisible(tx, viewer, message.id);
  requireSameInput(message.inputHash, inputHash);
  return message.run?.id ?? null;
}

/** What a person said, and the service agent sees. Agents would else answer each other without an end. */
async function findQuestion({ tx, chat }: Change, viewer: Viewer, messageId: string): Promise<Message> {
  const found = await tx.message.findFirst({
    where: { chatId: chat.id, id: messageId, role: { not: 'SYSTEM' } },
    include: { author: { select: { role: true } } },
  });
  if (!found) throw new NotFoundError('No such message.');
  await requireVisible(tx, viewer, messageId);
  const { author, ...message } = found;
  if (message.role !== 'USER' || author?.role === 'AGENT') throw new ForbiddenError('ONLY_PEOPLE_ASK');
  if (message.deletedAt) throw new ForbiddenError('QUESTION_DELETED');
  return message;
}

async function refuseTooMany({ tx, chat, now }: Change, viewer: Viewer): Promise<void> {
  const own = { chatId: chat.id, message: { authorId: viewer.id } };
  const present = await tx.run.findFirst({ where: { ...own, status: { in: activeStatuses } }, select: { id: true } });
  if (present) throw new RunInProgressError(present.id);
  const since = new Date(now.getTime() - 60_000);
  const recent = await tx.run.count({ where: { chatId: chat.id, provider: 'EXTERNAL', createdAt: { gt: since } } });
  if (recent >= env.ROOM_RUNS_PER_MINUTE) throw new ForbiddenError('ROOM_RUN_LIMIT');
}

interface Place {
  viewer: Viewer;
  question: Message;
}

async function createMessage(
  { tx, chat, revision, now }: Change,
  { viewer, question, clientId, inputHash }: Place & { clientId: string; inputHash: string },
): Promise<Message> {
  const message = await tx.message.create({
    data: {
      chatId: chat.id,
      seq: revision,
      revision,
      parentId: chat.headId,
      replyToId: question.id,
      role: 'ASSISTANT',
      authorId: viewer.id,
      clientId,
      inputHash,
    },
  });
  await tx.chat.update({ where: { id: chat.id }, data: { headId: message.id, lastMessageAt: now } });
  // For the person who asked it counts as a mention.
  if (question.authorId)
    await tx.mention.create({
      data: { messageId: message.id, chatId: chat.id, seq: message.seq, userId: question.authorId },
    });
  return message;
}

async function createRun(
  { tx, chat, revision, now }: Change,
  { viewer, question, answer }: Place & { answer: Message },
): Promise<string> {
  const { id: runId }: Run = await tx.run.create({
    data: {
      chatId: chat.id,
      triggerId: question.id,
      messageId: answer.id,
      initiatorId: question.authorId,
      provider: 'EXTERNAL',
      model: '',
      status: 'RUNNING',
      traceParent: traceParentNow(),
      revision,
      createdAt: now,
      startedAt: now,
    },
  });
  await tx.externalAnswer.create({ data: { runId, chatId: chat.id, authorId: viewer.id, appendedAt: now } });
  return runId;
}
