import { db } from '../database/db.ts';
import type { RunCheckpoint } from '../generated/prisma/client.ts';
import { parseParts } from './parts.ts';
import { nodeId } from '../nodes/heartbeat.ts';
import { partsOfCheckpoints } from './checkpoint.ts';
import type { StoredTexts } from './texts.ts';

/** What the database has of texts that come from no other source. */
export const storedTexts: StoredTexts = {
  async find(runIds, { checkpoints }) {
    const runs = await db.run.findMany({
      where: { id: { in: [...runIds] } },
      select: { id: true, endedAt: true, provider: true, message: { select: { parts: true } } },
    });
    const running = runs.filter(({ endedAt, provider }) => !endedAt && (checkpoints || provider === 'EXTERNAL'));
    const pieces = Map.groupBy(await checkpointsOf(running.map(({ id }) => id)), ({ runId }) => runId);
    const present = runs.map(({ id, endedAt, message }) => ({
      runId: id,
      parts: endedAt ? parseParts(message?.parts) : partsOfCheckpoints(pieces.get(id) ?? []),
      isEnded: endedAt !== null,
    }));
    // Purged with its chat.
    const gone = runIds.filter((runId) => !present.some((run) => run.runId === runId));
    return [...present, ...gone.map((runId) => ({ runId, parts: [], isEnded: true }))];
  },

  async isOurs(runId) {
    return (await db.run.count({ where: { id: runId, nodeId, endedAt: null } })) > 0;
  },
};

function checkpointsOf(runIds: string[]): Promise<RunCheckpoint[]> {
  return runIds.length === 0 ? Promise.resolve([]) : db.runCheckpoint.findMany({ where: { runId: { in: runIds } } });
}
