/** What the running runs have said so far goes into the database, again and again: what a crash may cost is a second. */
import { db } from '../db.ts';
import { log } from '../log.ts';
import { nodeId } from '../nodes/heartbeat.ts';
import { repeat, type Repetition } from '../repeat.ts';
import { holdText } from './texts.ts';

/** Less than a second, so that with the time it takes to write it is one. */
const EVERY_MS = 800;

export function startCheckpoints(runningIds: () => string[]): Repetition {
  const written = new Map<string, number>();

  return repeat('checkpoints', EVERY_MS, async () => {
    const ids = runningIds();
    for (const id of written.keys()) if (!ids.includes(id)) written.delete(id);
    const grown = ids.flatMap((id) => grownText(id, written));
    if (grown.length === 0) return;
    await store(grown);
    log.debug({ runIds: grown.map(({ id }) => id) }, 'Checkpoint written');
    for (const { id, length } of grown) written.set(id, length);
  });
}

interface Grown {
  id: string;
  parts: readonly { kind: string; text: string }[];
  length: number;
}

function grownText(id: string, written: Map<string, number>): Grown[] {
  using held = holdText(id);
  const { text } = held;
  if (text.isEnded || text.length <= (written.get(id) ?? 0)) return [];
  return [{ id, parts: text.parts, length: text.length }];
}

/**
 * One statement for all. A run that was settled meanwhile is left alone, and one that is being settled is waited for: without the
 * share of its row, a checkpoint that begins before the end and commits after it would stay behind.
 */
async function store(grown: Grown[]): Promise<void> {
  const rows = JSON.stringify(grown.map(({ id, parts }) => ({ id, parts })));
  await db.$executeRaw`
    INSERT INTO run_checkpoint (run_id, parts, updated_at)
    SELECT row.id, row.parts, now() FROM jsonb_to_recordset(${rows}::jsonb) AS row(id uuid, parts jsonb)
    JOIN run ON run.id = row.id AND run.status = 'RUNNING' AND run.node_id = ${nodeId}::uuid
    FOR SHARE OF run
    ON CONFLICT (run_id) DO UPDATE SET parts = excluded.parts, updated_at = excluded.updated_at`;
}
