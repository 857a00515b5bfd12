/**
 * A node is one server process. It beats: says in its row that it lives, by the database's clock. One that has been silent for four
 * beats is dead to the others, who then settle its runs.
 *
 * After the database was away, everybody has been silent. So a node believes in the silence of others only when it could itself beat
 * for as long without a gap: whoever lives has then had all that time to say so. One that has just started knows no such time; it
 * asks how long the database has been up. Where it errs all the same (it started in the very moment at which a network healed), the
 * fence holds: a node that lost its runs writes nothing and lets its readers know.
 */
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { newId } from '../ids.ts';

/** This process, as the owner of the runs that it performs. */
export const nodeId: string = newId();

export const BEAT_MS = env.NODE_BEAT_MS;

/** Longer than it takes to notice a lost connection and make a new one. */
export const SILENCE_MS = 4 * BEAT_MS;

/** This node's own pulse. Monotonic times: they go on while a process is paused, and no clock is set back. */
let pulse: { last: number; steadySince: number } | null = null;

/** Says that this node lives. */
export async function beat(): Promise<void> {
  const asked = performance.now();
  const isFirst = pulse === null;
  const [row] = await db.$queryRaw<{ uptime: number | null }[]>`
    INSERT INTO node (id, seen_at) VALUES (${nodeId}::uuid, now())
    ON CONFLICT (id) DO UPDATE SET seen_at = now()
    RETURNING CASE WHEN ${isFirst}::boolean THEN extract(epoch FROM now() - pg_postmaster_start_time())::float8 * 1000 END AS uptime`;
  const last = performance.now();
  const hadGap = pulse === null || last - pulse.last > SILENCE_MS / 2;
  const steadySince = pulse && !hadGap ? pulse.steadySince : asked - (isFirst ? (row?.uptime ?? 0) : 0);
  pulse = { last, steadySince };
}

/** Before a run is taken: a node that was paused counts as dead until it beats again, and its new run would be settled at once. */
export async function beSeen(): Promise<void> {
  if (!pulse || performance.now() - pulse.last > SILENCE_MS / 2) await beat();
}

/** Is the silence of others their own? Asked right after a beat. */
export function mayJudgeOthers(): boolean {
  return pulse !== null && pulse.last - pulse.steadySince > SILENCE_MS;
}

/** In an orderly end, when this node has no runs any more. */
export async function leave(): Promise<void> {
  await db.node.deleteMany({ where: { id: nodeId } });
  pulse = null;
}

/** Rows of the dead, when their runs are settled. A node that was only paused writes its own anew. */
export async function buryTheDead(): Promise<void> {
  await db.$executeRaw`
    DELETE FROM node WHERE seen_at < now() - ${SILENCE_MS}::float8 * interval '1 millisecond'
    AND NOT EXISTS (SELECT FROM run WHERE run.node_id = node.id AND run.status = 'RUNNING')`;
}
