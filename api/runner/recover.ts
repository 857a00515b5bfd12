/** Runs that a dead process left: settled by whichever node notices first, with all that is known of their text. */
import { db } from '../database/db.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { log } from '../log.ts';
import { lengthOf, type Part } from '../texts/parts.ts';
import { deleteDeadNodes, canDeclareOthersDead, nodeId, SILENCE_MS } from '../nodes/heartbeat.ts';
import { partsOfCheckpoints } from '../texts/checkpoint.ts';
import { logOnce, settleRunIfPossible } from './settle.ts';
import { textSoFar } from '../texts/texts.ts';

type Orphan = Prisma.RunGetPayload<{ include: { checkpoints: true } }>;

/** On the embedded database, at the start: there is one process, so whatever is running was the last one's. */
export async function settleAllRunning(): Promise<void> {
  // Answers of service agents go on: no node performs them.
  await settleOrphans({ provider: { not: 'EXTERNAL' } });
  await db.node.deleteMany({ where: { id: { not: nodeId } } });
}

/** Again and again, right after a beat of our own. A run whose node has no row at all has no owner, whatever the time. */
export async function settleRunsOfTheDead(): Promise<void> {
  const orphans = await db.$queryRaw<{ id: string }[]>`
    SELECT run.id FROM run LEFT JOIN node ON node.id = run.node_id
    WHERE run.status = 'RUNNING' AND run.node_id <> ${nodeId}::uuid
    AND (node.id IS NULL OR ${canDeclareOthersDead()}::boolean AND node.seen_at < now() - ${SILENCE_MS}::float8 * interval '1 millisecond')`;
  if (orphans.length > 0) await settleOrphans({ id: { in: orphans.map(({ id }) => id) } });
  if (canDeclareOthersDead()) await deleteDeadNodes();
}

let suspects = new Set<string>();

/**
 * Runs of this node that it does not perform: their claim was committed, and the connection broke before the answer came. Seen
 * twice, since a run that ends during the query looks the same.
 */
export async function settleOwnOrphans(isPerformed: (runId: string) => boolean): Promise<void> {
  const running = await db.run.findMany({ where: { status: 'RUNNING', nodeId }, select: { id: true } });
  const idle = running.map(({ id }) => id).filter((id) => !isPerformed(id));
  const orphans = idle.filter((id) => suspects.has(id));
  suspects = new Set(idle);
  if (orphans.length > 0) await settleOrphans({ id: { in: orphans } });
}

async function settleOrphans(which: Prisma.RunWhereInput): Promise<void> {
  const orphans = await db.run.findMany({ where: { ...which, status: 'RUNNING' }, include: { checkpoints: true } });
  let count = 0;
  for (const orphan of orphans) {
    try {
      if (await settleOrphan(orphan)) count += 1;
    } catch (error) {
      logOnce(orphan.id, { error }, 'An orphaned run could not be settled; it will be tried again');
    }
  }
  if (count > 0) log.warn({ count }, 'Runs that a dead process left were settled');
}

/** Stopped where a stop was requested and its node was gone. False where another node was faster: the fence is the dead node's id. */
async function settleOrphan(orphan: Orphan): Promise<boolean> {
  const { checkpoints: _, ...run } = orphan;
  const parts = await partsOf(orphan);
  return settleRunIfPossible(
    run,
    run.nodeId,
    run.stopRequestedAt ? { status: 'STOPPED', parts } : { status: 'INTERRUPTED', failure: 'INTERRUPTED', parts },
  );
}

/** The longest that is known: the last checkpoint's, or what went to the other nodes after it. */
async function partsOf({ id, checkpoints }: Orphan): Promise<readonly Part[]> {
  const stored = partsOfCheckpoints(checkpoints);
  const carried = (await textSoFar(id)) ?? [];
  return lengthOf(carried) > lengthOf(stored) ? carried : stored;
}
