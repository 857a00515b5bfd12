import type { Viewer } from '../auth/viewer.ts';
import { inVisibleChat } from '../chats/visible.ts';
import { db } from '../db.ts';
import { NotFoundError } from '../errors.ts';
import { bus } from '../feed/bus.ts';
import type { Run } from '../generated/prisma/client.ts';
import { settleRun } from './settle.ts';
import { holdText } from './texts.ts';

/** How long the answer to `stopRun` waits for the run's end; the run ends all the same. */
const PATIENCE_MS = 5_000;

/** From anywhere, at any time, as often as you like: a run that is over stays as it is. */
export async function stopRun(viewer: Viewer, id: string): Promise<void> {
  using held = holdText(id);
  const run = await db.run.findFirst({ where: { ...inVisibleChat(viewer), id } });
  if (!run) throw new NotFoundError('No such run.');

  if (run.status === 'QUEUED') await stopBeforeItsClaim(run);
  // After that try: where the runner was faster with its claim, it is there to hear this.
  bus.publish('runStopRequested', id);
  const deadline = AbortSignal.timeout(PATIENCE_MS);
  while (!held.text.isEnded && !deadline.aborted && !(await isOver(id))) await held.text.changed(deadline, PATIENCE_MS);
}

/** Nothing where the runner was faster. */
async function stopBeforeItsClaim(run: Run): Promise<void> {
  await settleRun(run, null, { status: 'STOPPED', parts: [] });
}

async function isOver(id: string): Promise<boolean> {
  return (await db.run.count({ where: { id, endedAt: { not: null } } })) > 0;
}
