import type { Tx } from '../database/db.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { activeStatuses } from './status.ts';

/**
 * Asks for the end of runs, in their rows, where the nodes that perform them look each second. Announce it as well: that is faster,
 * and may be lost. Resolves to those that are not over.
 */
export async function requestStops(
  tx: Tx,
  which: Pick<
    Prisma.RunWhereInput,
    'id' | 'chatId' | 'triggerId' | 'initiatorId' | 'agentId' | 'messageId' | 'message'
  >,
): Promise<string[]> {
  const asked = await tx.run.updateManyAndReturn({
    where: { ...which, status: { in: activeStatuses } },
    data: { stopRequestedAt: new Date() },
    select: { id: true },
  });
  return asked.map(({ id }) => id);
}
