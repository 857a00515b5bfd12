import { answererOf, findUsableAgent } from '../agents/choose.ts';
import type { Viewer } from '../auth/viewer.ts';
import { refuseClosedChat } from '../chats/arrange.ts';
import { type Change, changeChat } from '../chats/change.ts';
import { ForbiddenError, NotFoundError, RunInProgressError } from '../errors.ts';
import type { Agent, Message, Run } from '../generated/prisma/client.ts';
import { providers } from '../providers/providers.ts';
import { titleFrom } from './title.ts';

export interface NewMessage {
  chatId: string;
  content: string;
  /** The same id again gives the first result. */
  clientId: string;
  agentId?: string | undefined;
  /** Which answer it follows; null: it begins the chat anew, beside the first message; where nothing is said, the head. */
  parentId?: string | null | undefined;
}

export interface Sent {
  messageId: string;
  runId: string;
}

/** The message, the empty answer and the run that will fill it, in one transaction. The runner hears of it afterwards. */
export function sendMessage(
  viewer: Viewer,
  { chatId, content, clientId, agentId, parentId }: NewMessage,
): Promise<Sent> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, chat, revision } = change;
    const first = await sentBefore(change, viewer, clientId);
    if (first) return first;

    await refuseClosedChat(change, viewer);
    await refuseDuringRun(change);
    const agent = agentId ? await findUsableAgent(tx, agentId) : await answererOf(tx, chat);
    if (parentId) await findParent(change, parentId);

    const message = await tx.message.create({
      data: {
        chatId,
        seq: revision,
        parentId: parentId === undefined ? chat.headId : parentId,
        role: 'USER',
        authorId: viewer.id,
        clientId,
        content,
        revision,
      },
    });
    const run = await askForAnswer(change, { viewer, trigger: message, agent });
    const isFirst = chat.headId === null && chat.title === 'New Chat';
    if (isFirst) await tx.chat.update({ where: { id: chatId }, data: { title: titleFrom(content) } });
    return { messageId: message.id, runId: run.id };
  });
}

export interface Regeneration {
  messageId: string;
  clientId: string;
  agentId?: string | undefined;
}

/** Another answer beside an ended one, to the same message: how a failed answer is tried again. */
export async function regenerateAnswer(
  viewer: Viewer,
  chatId: string,
  { messageId, clientId, agentId }: Regeneration,
): Promise<Sent> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx } = change;
    const again = await tx.run.findFirst({ where: { initiatorId: viewer.id, clientId } });
    if (again) return { messageId: again.triggerId, runId: again.id };

    await refuseClosedChat(change, viewer);
    await refuseDuringRun(change);
    const earlier = await tx.run.findFirst({ where: { chatId, messageId }, include: { trigger: true } });
    if (!earlier) throw new NotFoundError('No such answer.');
    // Until branches can be chosen, what follows would vanish from sight.
    if (messageId !== change.chat.headId)
      throw new ForbiddenError('Only the last answer of a chat can be tried again.');
    if (earlier.trigger.deletedAt) throw new ForbiddenError('The message that it answered is deleted.');

    const agent = agentId ? await findUsableAgent(tx, agentId) : await answererOf(tx, change.chat);
    const run = await askForAnswer(change, { viewer, trigger: earlier.trigger, agent, clientId });
    return { messageId: earlier.triggerId, runId: run.id };
  });
}

async function askForAnswer(
  { tx, chat, raise, announce }: Change,
  request: { viewer: Viewer; trigger: Message; agent: Agent; clientId?: string },
): Promise<Run> {
  const { viewer, trigger, agent, clientId } = request;
  const revision = raise();
  const answer = await tx.message.create({
    data: { chatId: chat.id, seq: revision, parentId: trigger.id, role: 'ASSISTANT', agentId: agent.id, revision },
  });
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
      revision,
    },
  });
  await tx.chat.update({ where: { id: chat.id }, data: { headId: answer.id, lastMessageAt: new Date() } });
  announce('runQueued', run.id);
  return run;
}

async function sentBefore({ tx }: Change, viewer: Viewer, clientId: string): Promise<Sent | null> {
  const message = await tx.message.findUnique({
    where: { authorId_clientId: { authorId: viewer.id, clientId } },
    include: { triggered: { orderBy: { revision: 'asc' }, take: 1 } },
  });
  const run = message?.triggered[0];
  return message && run ? { messageId: message.id, runId: run.id } : null;
}

async function refuseDuringRun({ tx, chat }: Change): Promise<void> {
  const run = await tx.run.findFirst({ where: { chatId: chat.id, status: { in: ['QUEUED', 'RUNNING'] } } });
  if (run) throw new RunInProgressError(run.id);
}

async function findParent({ tx, chat }: Change, parentId: string): Promise<void> {
  const parent = await tx.message.findFirst({ where: { chatId: chat.id, id: parentId, role: 'ASSISTANT' } });
  if (!parent) throw new NotFoundError('No such message to follow in this chat.');
}
