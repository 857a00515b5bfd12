/**
 * A node is one server process. It writes its heartbeat into its row, by the database's clock. The others take a node for dead whose last
 * heartbeat is older than four intervals, and settle its runs.
 *
 * While the database is away, no node can write. So a node declares others dead only when it has itself written heartbeats without a gap
 * for as long; one that has just started asks how long the database has been up. A mistake loses nothing: a node whose runs were taken
 * writes nothing more to them (the fence of `settle.ts`), and its readers get what the database has.
 */
import { db } from '../database/db.ts';
import { env } from '../env.ts';
import { newId } from '../ids.ts';

/** This process, as the owner of the runs that it performs. */
export const nodeId: string = newId();

export const BEAT_MS = env.NODE_BEAT_MS;

/** Longer than it takes to notice a lost connection and make a new one. */
export const SILENCE_MS = 4 * BEAT_MS;

/** This node's own heartbeats. Monotonic times: they go on while a process is paused, and are never set back. */
let pulse: { last: number; steadySince: number } | null = null;

export async function writeHeartbeat(): Promise<void> {
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

/** Before a run is taken: a node that was paused counts as dead until its next heartbeat, and its new run would be settled at once. */
export async function refreshHeartbeat(): Promise<void> {
  if (!pulse || performance.now() - pulse.last > SILENCE_MS / 2) await writeHeartbeat();
}

/** Whether missing heartbeats of others are their own fault. Asked right after a heartbeat. */
export function canDeclareOthersDead(): boolean {
  return pulse !== null && pulse.last - pulse.steadySince > SILENCE_MS;
}

/** In an orderly end, when this node has no runs any more. */
export async function removeOwnNode(): Promise<void> {
  await db.node.deleteMany({ where: { id: nodeId } });
  pulse = null;
}

/** Deletes the rows of dead nodes whose runs are settled. A node that was only paused writes its row again. */
export async function deleteDeadNodes(): Promise<void> {
  await db.$executeRaw`
    DELETE FROM node WHERE seen_at < now() - ${SILENCE_MS}::float8 * interval '1 millisecond'
    AND NOT EXISTS (SELECT FROM run WHERE run.node_id = node.id AND run.status = 'RUNNING')`;
}
