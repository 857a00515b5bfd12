import type { Tx } from '../database/db.ts';
import { env } from '../env.ts';
import { RunLimitError } from '../errors.ts';
import { activeStatuses } from './status.ts';

/**
 * Of many requests of one person at once, each sees what the one before it did: the second with one `clientId` finds the first one's
 * result, and the limit holds. The chat is locked first and then the person, everywhere, so that no two wait for each other;
 * a weaker lock than FOR UPDATE, which would also wait for every row that names the person.
 */
export async function lockPerson(tx: Tx, userId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
}

/** Refuses where a person has as many answers being written as they may have, in all chats together. */
export async function enforceRunLimit(tx: Tx, userId: string): Promise<void> {
  await lockPerson(tx, userId);
  const running = await tx.run.count({
    where: { initiatorId: userId, status: { in: activeStatuses }, provider: { not: 'EXTERNAL' } },
  });
  if (running >= env.RUNS_PER_USER) throw new RunLimitError(env.RUNS_PER_USER);
}
