/** What the running runs have said goes into the database, piece by piece: what a crash may cost is a second. */
import { db } from '../database/db.ts';
import type { RunCheckpoint } from '../generated/prisma/client.ts';
import { log } from '../log.ts';
import { type Part, parseParts } from './parts.ts';
import { nodeId } from '../nodes/heartbeat.ts';
import { repeat, type Repetition } from '../nodes/repeat.ts';
import { openText } from './texts.ts';

/** Less than a second, so that with the time it takes to write it is one. */
const EVERY_MS = 800;

export function startCheckpoints(runningIds: () => string[]): Repetition {
  const written = new Map<string, number>();

  return repeat('checkpoints', EVERY_MS, async () => {
    const begun = performance.now();
    const ids = runningIds();
    for (const id of written.keys()) if (!ids.includes(id)) written.delete(id);
    const pieces = ids.flatMap((id) => piecesAfter(id, written.get(id) ?? 0));
    if (pieces.length === 0) return;
    await store(pieces);
    const runIds = [...new Set(pieces.map(({ runId }) => runId))];
    log.debug({ runIds, tookMs: Math.ceil(performance.now() - begun) }, 'Checkpoint written');
    for (const { runId, from, text } of pieces) written.set(runId, from + text.length);
  });
}

/** What was said since, and nothing where the end is on its way into the database. */
function piecesAfter(runId: string, offset: number): RunCheckpoint[] {
  using held = openText(runId);
  const pieces: RunCheckpoint[] = [];
  if (held.text.isEnded) return pieces;
  for (let piece = held.text.read(offset); piece; piece = held.text.read(piece.to)) {
    const { from, part, kind, text } = piece;
    pieces.push({ runId, from, part, kind, text });
  }
  return pieces;
}

/**
 * One statement for all. A run that was settled meanwhile is left alone, and one that is being settled is waited for: without the
 * share of its row, a checkpoint that begins before the end and commits after it would stay behind. A piece that is there already was
 * written by a statement whose success was not acknowledged; it may have grown since.
 */
async function store(pieces: RunCheckpoint[]): Promise<void> {
  await db.$executeRaw`
    INSERT INTO run_checkpoint (run_id, "from", part, kind, text)
    SELECT piece."runId", piece."from", piece.part, piece.kind, piece.text
    FROM jsonb_to_recordset(${JSON.stringify(pieces)}::jsonb)
      AS piece("runId" uuid, "from" int, part int, kind text, text text)
    JOIN run ON run.id = piece."runId" AND run.status = 'RUNNING' AND run.node_id = ${nodeId}::uuid
    FOR SHARE OF run
    ON CONFLICT (run_id, "from") DO UPDATE SET text = excluded.text`;
}

/** The text that these pieces of one run make. */
export function partsOfCheckpoints(pieces: readonly RunCheckpoint[]): Part[] {
  const parts: { kind: string; text: string }[] = [];
  for (const { part, kind, text } of pieces.toSorted((one, other) => one.from - other.from)) {
    const last = parts[part];
    if (last) last.text += text;
    else parts.push({ kind, text });
  }
  return parseParts(parts);
}
