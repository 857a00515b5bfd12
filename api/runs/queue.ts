/**
 * The queue of a room: one run goes on at a time, the others wait without a message of their own, in the order in which they were asked
 * for. `revision` is that order: it grows by one for each, and stays while a run waits.
 */
import type { Viewer } from '../auth/viewer.ts';
import type { Change } from '../chats/change.ts';
import type { Tx } from '../database/db.ts';
import { env } from '../env.ts';
import { type ExpectedError, ForbiddenError, RunLimitError } from '../errors.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { activeStatuses } from './status.ts';
import { lockPerson } from './limit.ts';
import { requestStops } from './stop-requests.ts';

/** Runs that may wait in one room. */
export const MOST_WAITING = 20;

/** Service agents write when they like: they neither wait for others nor make them wait. */
const ofAgents = { provider: { not: 'EXTERNAL' } } as const;

/** The run whose turn it is; null while one goes on, and where none waits. The chat is locked by the caller. */
export async function nextInQueue(tx: Tx, chatId: string): Promise<string | null> {
  const [first] = await tx.run.findMany({
    where: { chatId, status: { in: activeStatuses }, ...ofAgents },
    // RUNNING comes behind QUEUED in the enum.
    orderBy: [{ status: 'desc' }, { revision: 'asc' }],
    select: { id: true, status: true },
    take: 1,
  });
  return first?.status === 'QUEUED' ? first.id : null;
}

/** Takes runs out of the queue whose answers are no longer wanted. They are settled after the commit. */
export async function cancelWaiting(
  { tx, chat, announce }: Change,
  which: Pick<Prisma.RunWhereInput, 'triggerId' | 'initiatorId' | 'agentId'>,
): Promise<void> {
  const waiting = { ...which, chatId: chat.id, messageId: null };
  for (const id of await requestStops(tx, waiting)) announce('runStopRequested', id);
}

/** What a service agent is writing, in one room or in all, is stopped: it may write no longer. Settled after the commit. */
export async function stopExternalAnswers(
  { tx, announce }: Pick<Change, 'tx' | 'announce'>,
  authorId: string,
  chatId?: string,
): Promise<void> {
  const own = { message: { authorId }, ...(chatId && { chatId }) };
  for (const id of await requestStops(tx, own)) announce('runStopRequested', id);
}

/** Why one more run cannot wait in this room now; null: it can. */
export async function findQueueRefusal({ tx, chat, now }: Change, viewer: Viewer): Promise<ExpectedError | null> {
  await lockPerson(tx, viewer.id);
  const inLastMinute = { ...ofAgents, chatId: chat.id, createdAt: { gt: new Date(now.getTime() - 60_000) } };
  // What was cancelled before it began has cost the room nothing, but counts for the person who asked.
  const isCancelled = { startedAt: null, endedAt: { not: null } };
  const [waiting, recent, ownRecent, own] = await Promise.all([
    tx.run.count({ where: { chatId: chat.id, status: 'QUEUED' } }),
    tx.run.count({ where: { ...inLastMinute, NOT: isCancelled } }),
    tx.run.count({ where: { ...inLastMinute, initiatorId: viewer.id } }),
    tx.run.count({ where: { ...ofAgents, initiatorId: viewer.id, status: { in: activeStatuses } } }),
  ]);
  if (waiting >= MOST_WAITING) return new ForbiddenError('QUEUE_FULL');
  if (recent >= env.ROOM_RUNS_PER_MINUTE || ownRecent >= shareOfOne()) return new ForbiddenError('ROOM_RUN_LIMIT');
  if (own >= env.RUNS_PER_USER) return new RunLimitError(env.RUNS_PER_USER);
  return null;
}

/** One person asks for half of a room's runs at most, so that the others are answered too. */
function shareOfOne(): number {
  return Math.ceil(env.ROOM_RUNS_PER_MINUTE / 2);
}
