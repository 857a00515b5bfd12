/** A run becomes this node's: it takes its place in the line, and what the model will see is recorded. */
import { type Change, changeChatAs } from '../chats/change.ts';
import type { Tx } from '../database/db.ts';
import { noSuchId } from '../ids.ts';
import { nodeId } from '../nodes/heartbeat.ts';
import type { ModelRequest } from '../providers/provider.ts';
import type { AgentRun } from '../runs/agent-run.ts';
import { nextInQueue } from '../runs/queue.ts';
import { gatherRequest } from './gather.ts';

export interface Claim {
  run: AgentRun;
  request: ModelRequest;
  /** False where it was stopped, or its chat deleted, while it waited. */
  isWanted: boolean;
}

/** Makes the run ours and records what the model will see, in one transaction. Null where it is not its turn in the queue of a room. */
export function claim(queued: AgentRun): Promise<Claim | null> {
  return changeChatAs({ server: 'runs' }, queued.chatId, async (change) => {
    const { tx, chat, revision, withoutChange } = change;
    const isRoom = chat.kind === 'ROOM';
    if (isRoom && (await nextInQueue(tx, chat.id)) !== queued.id) return withoutChange(null);
    const { count } = await tx.run.updateMany({
      where: { id: queued.id, status: 'QUEUED' },
      data: { status: 'RUNNING', nodeId, startedAt: new Date(), revision },
    });
    if (count === 0) return withoutChange(null);
    if (isRoom) await takePlace(change, queued);
    const { run, request } = await prepare(tx, queued, revision);
    return { run, request, isWanted: !run.stopRequestedAt && !chat.deletedAt };
  });
}

/** An answer in a room has its place in the line from now on. Where it must not begin, it gets none, and the run is marked to stop. */
async function takePlace({ tx, chat, revision, now }: Change, { id, agentId, initiatorId }: AgentRun): Promise<void> {
  const run = await tx.run.findUniqueOrThrow({ where: { id }, select: { stopRequestedAt: true, trigger: true } });
  const isAsked = await tx.chatMember.count({
    where: { chatId: chat.id, userId: initiatorId ?? noSuchId, leftAt: null },
  });
  const isThere = await tx.roomAgent.count({ where: { chatId: chat.id, agentId, agent: { archivedAt: null } } });
  const isUnwanted = run.stopRequestedAt !== null || run.trigger.deletedAt !== null || chat.deletedAt !== null;
  if (isUnwanted || chat.closedAt || !isAsked || !isThere) {
    await tx.run.update({ where: { id }, data: { stopRequestedAt: now } });
    return;
  }
  const { id: messageId } = await tx.message.create({
    data: {
      chatId: chat.id,
      seq: revision,
      revision,
      parentId: chat.headId,
      // Others may have written between the question and its answer.
      replyToId: run.trigger.id,
      role: 'ASSISTANT',
      agentId,
    },
  });
  // For the person who asked it counts as a mention.
  if (initiatorId)
    await tx.mention.create({ data: { messageId, chatId: chat.id, seq: revision, userId: initiatorId } });
  await tx.run.update({ where: { id }, data: { messageId } });
  await tx.chat.update({ where: { id: chat.id }, data: { headId: messageId, lastMessageAt: now } });
}

/** Makes the request and records what of the chat is in it. */
async function prepare(tx: Tx, { id, agentId }: AgentRun, revision: number): Promise<Pick<Claim, 'run' | 'request'>> {
  const claimed = { ...(await tx.run.findUniqueOrThrow({ where: { id } })), agentId };
  const { request, contexts, historyIds, omittedCount } = await gatherRequest(tx, claimed);
  const run = await tx.run.update({
    where: { id },
    data: { contextVersions: contexts.map((context) => ({ ...context })), historyIds, omittedCount, revision },
  });
  return { run: { ...run, agentId }, request };
}

/** The request again, now that the provider knows how little the model holds; null where there is no less to send. */
export async function prepareLess(run: AgentRun): Promise<ModelRequest | null> {
  return changeChatAs({ server: 'runs' }, run.chatId, async ({ tx, revision, withoutChange }) => {
    const { omittedCount, status } = await tx.run.findUniqueOrThrow({ where: { id: run.id } });
    if (status !== 'RUNNING') return withoutChange(null);
    const { run: changed, request } = await prepare(tx, run, revision);
    return changed.omittedCount > omittedCount ? request : null;
  });
}
