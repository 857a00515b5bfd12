import { answererOf, findUsableAgent } from '../agents/choose.ts';
import type { Viewer } from '../auth/viewer.ts';
import { requireMay, requirePrivate, requireRoom, requireVisible } from '../chats/require.ts';
import { type Change, changeChat } from '../chats/change.ts';
import { NotFoundError } from '../errors.ts';
import { askForAnswer, refuseDuringRun, type Sent } from './answer.ts';
import { touchSiblings } from './branches.ts';
import { requireQuotable } from './quote.ts';
import { lockPerson } from '../runs/limit.ts';
import { titleFrom } from './title.ts';

export interface NewMessage {
  chatId: string;
  content: string;
  /** The same id again gives the first result. */
  clientId: string;
  agentId?: string | undefined;
  /** Which answer it follows; null: it begins the chat anew, beside the first message; where nothing is said, the head. */
  parentId?: string | null | undefined;
  /** Of a room: which message it quotes. */
  replyToId?: string | undefined;
}

/**
 * The message, the empty answer and the run that will fill it, in one transaction. The runner hears of it afterwards. In a room nobody is asked.
 */
export function sendMessage(
  viewer: Viewer,
  { chatId, content, clientId, agentId, parentId, replyToId }: NewMessage,
): Promise<Sent> {
  return changeChat(viewer, chatId, async (change) => {
    const { tx, chat, revision } = change;
    await lockPerson(tx, viewer.id);
    const first = await sentBefore(change, viewer, clientId);
    if (first) return change.withoutChange(first);

    await requireMay(change, viewer, 'POST');
    const isRoom = chat.kind === 'ROOM';
    if (agentId || parentId !== undefined) requirePrivate(change);
    if (replyToId) {
      requireRoom(change);
      await requireQuotable(change, viewer, replyToId);
    }
    if (!isRoom) await refuseDuringRun(change);
    const agent = agentId ? await findUsableAgent(tx, agentId) : isRoom ? null : await answererOf(tx, chat);
    if (parentId) await findParent(change, parentId);

    const message = await tx.message.create({
      data: {
        chatId,
        seq: revision,
        parentId: parentId === undefined ? chat.headId : parentId,
        replyToId: replyToId ?? null,
        role: 'USER',
        authorId: viewer.id,
        clientId,
        content,
        revision,
      },
    });
    if (!agent) {
      await tx.chat.update({ where: { id: chatId }, data: { headId: message.id, lastMessageAt: change.now } });
      return { messageId: message.id, runIds: [] };
    }
    await touchSiblings(change, message);
    const run = await askForAnswer(change, { viewer, trigger: message, agent });
    const isFirst = chat.headId === null && chat.titleSource === 'WORDS';
    if (isFirst) await tx.chat.update({ where: { id: chatId }, data: { title: titleFrom(content) } });
    return { messageId: message.id, runIds: [run.id] };
  });
}

async function sentBefore({ tx, chat }: Change, viewer: Viewer, clientId: string): Promise<Sent | null> {
  const message = await tx.message.findUnique({
    where: { authorId_clientId: { authorId: viewer.id, clientId } },
    include: { triggered: { where: { clientId: null }, orderBy: { revision: 'asc' }, select: { id: true } } },
  });
  // It may have been used in another chat, which the viewer may see no longer.
  if (message && message.chatId !== chat.id) await requireVisible(tx, viewer, message.chatId);
  return message && { messageId: message.id, runIds: message.triggered.map(({ id }) => id) };
}

async function findParent({ tx, chat }: Change, parentId: string): Promise<void> {
  const parent = await tx.message.findFirst({ where: { chatId: chat.id, id: parentId, role: 'ASSISTANT' } });
  if (!parent) throw new NotFoundError('No such message to follow in this chat.');
}
