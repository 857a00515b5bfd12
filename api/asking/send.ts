import { answererOf, findUsableAgent } from '../agents/choose.ts';
import type { Viewer } from '../auth/viewer.ts';
import { requireMay, requirePrivate, requireVisible } from '../chats/require.ts';
import { type Change, changeChat } from '../chats/change.ts';
import { hashOfInput, requireSameInput } from '../database/same-input.ts';
import { NotFoundError } from '../errors.ts';
import type { ChatMember, Message } from '../generated/prisma/client.ts';
import { findMentioned, type Mentioned } from '../mentions/find.ts';
import { askForAnswer, refuseDuringRun, type Sent } from './answer.ts';
import { askMentioned } from './ask-in-room.ts';
import { touchSiblings } from '../messages/branches.ts';
import { findQuotable } from '../messages/quote.ts';
import { lockPerson } from '../runs/limit.ts';
import { titleFrom } from './title.ts';

export interface NewMessage {
  chatId: string;
  content: string;
  /** The same id again gives the first result. */
  clientId: string;
  agentId?: string | undefined;
  /** Which answer it follows; null: it begins the chat again, beside the first message; left out: the head. */
  parentId?: string | null | undefined;
  /** Of a room: which message it quotes. */
  replyToId?: string | undefined;
}

/**
 * In a private chat the message, the empty answer and the run that will fill it; in a room the message, whom it mentions, and a waiting
 * run for each agent that it asks. All in one transaction; the runner is notified afterwards.
 */
export function sendMessage(
  viewer: Viewer,
  { chatId, content, clientId, agentId, parentId, replyToId }: NewMessage,
): Promise<Sent> {
  // `parentId` is not hashed: a retry may name a newer one.
  const inputHash = hashOfInput('sendMessage', { chatId, content, agentId, replyToId });
  return changeChat(viewer, chatId, async (change) => {
    const { tx, chat, revision } = change;
    await lockPerson(tx, viewer.id);
    const first = await sentBefore(change, viewer, { clientId, inputHash });
    if (first) return change.withoutChange(first);

    const member = await requireMay(change, viewer, 'POST');
    if (agentId || parentId !== undefined) requirePrivate(change);
    const quoted = replyToId ? await findQuotable(change, viewer, replyToId) : null;
    const by = { authorId: viewer.id, clientId, inputHash };
    const said = { ...by, chatId, seq: revision, revision, role: 'USER', content } as const;
    if (chat.kind === 'ROOM') {
      const message = await tx.message.create({
        data: { ...said, parentId: chat.headId, replyToId: quoted?.id ?? null },
      });
      change.moveHead(message.id);
      await readOwn(change, member, message);
      const named = await findMentioned(change, viewer, member, content);
      const mentioned = [...named, ...(await answererMeant(change, viewer, named, quoted))];
      const runs = await askMentioned(change, { viewer, message, mentioned });
      return { messageId: message.id, runIds: runs.map(({ id }) => id) };
    }

    await refuseDuringRun(change);
    const agent = agentId ? await findUsableAgent(tx, agentId) : await answererOf(tx, chat);
    if (parentId) await findParent(change, parentId);
    const message = await tx.message.create({
      data: { ...said, parentId: parentId === undefined ? chat.headId : parentId },
    });
    await touchSiblings(change, message);
    const run = await askForAnswer(change, { viewer, trigger: message, agent });
    const isFirst = chat.headId === null && chat.titleSource === 'WORDS';
    if (isFirst) await tx.chat.update({ where: { id: chatId }, data: { title: titleFrom(content) } });
    return { messageId: message.id, runIds: [run.id] };
  });
}

/** A reply to an answer is for its agent, a service agent too, though the text does not name it. */
async function answererMeant(
  { tx, chat }: Change,
  viewer: Viewer,
  named: readonly Mentioned[],
  quoted: Message | null,
): Promise<Mentioned[]> {
  if (quoted?.role !== 'ASSISTANT') return [];
  const { agentId, authorId } = quoted;
  if (authorId) {
    if (authorId === viewer.id || named.some((each) => each.userId === authorId)) return [];
    const isMember = await tx.chatMember.count({ where: { chatId: chat.id, userId: authorId, leftAt: null } });
    return isMember > 0 ? [{ userId: authorId, name: null }] : [];
  }
  if (!agentId || named.some((each) => each.agentId === agentId)) return [];
  const isThere = await tx.roomAgent.count({ where: { chatId: chat.id, agentId } });
  return isThere > 0 ? [{ agentId, name: null }] : [];
}

async function sentBefore(
  { tx }: Change,
  viewer: Viewer,
  { clientId, inputHash }: { clientId: string; inputHash: string },
): Promise<Sent | null> {
  const message = await tx.message.findUnique({
    where: { authorId_clientId: { authorId: viewer.id, clientId } },
    select: { id: true, inputHash: true },
  });
  if (!message) return null;
  // It may have been sent to another chat, which the viewer may see no longer, or before they left this one and came back.
  await requireVisible(tx, viewer, message.id);
  requireSameInput(message.inputHash, inputHash);
  const runs = await tx.run.findMany({
    where: { triggerId: message.id, clientId: null },
    orderBy: { revision: 'asc' },
    select: { id: true },
  });
  return { messageId: message.id, runIds: runs.map(({ id }) => id) };
}

async function findParent({ tx, chat }: Change, parentId: string): Promise<void> {
  const parent = await tx.message.findFirst({ where: { chatId: chat.id, id: parentId, role: 'ASSISTANT' } });
  if (!parent) throw new NotFoundError('No such message to follow in this chat.');
}

/** A member who has read all messages of others has read their own message too: else each count would go through all that they ever wrote. */
async function readOwn({ tx, chat }: Change, member: ChatMember, { seq }: Message): Promise<void> {
  const isOfOthers = { OR: [{ authorId: null }, { authorId: { not: member.userId } }] };
  const unread = await tx.message.findFirst({
    where: { chatId: chat.id, seq: { gt: member.lastReadSeq, lt: seq }, ...isOfOthers },
    select: { id: true },
  });
  if (!unread) await tx.chatMember.update({ where: { id: member.id }, data: { lastReadSeq: seq } });
}
