import { actorOf, type Viewer } from '../auth/viewer.ts';
import { write } from '../database/write.ts';
import { runVisibleTo } from '../chats/visible.ts';
import { db } from '../database/db.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { may } from '../members/may.ts';
import { bus } from '../bus/bus.ts';
import { requestStops } from '../runs/stop-requests.ts';
import { hasEnded, settleRun } from './settle.ts';
import { openText } from '../texts/texts.ts';

/** How long the answer to `stopRun` waits for the run's end; the run ends all the same. */
const PATIENCE_MS = 5_000;

/** How often the row is asked meanwhile: the end of a run on another node may not be announced here. */
const POLL_END_MS = 200;

/** From anywhere, at any time, as often as you like: a run that is over stays as it is. In a room by its initiator and moderators. */
export async function stopRun(viewer: Viewer, id: string): Promise<void> {
  using held = openText(id);
  const run = await db.run.findFirst({
    where: { ...runVisibleTo(viewer), id },
    include: { chat: { include: { members: { where: { userId: viewer.id, leftAt: null } } } } },
  });
  if (!run) throw new NotFoundError('No such run.');
  const { chat } = run;
  const [member] = chat.members;
  const isOwn = chat.kind === 'PRIVATE' || run.initiatorId === viewer.id;
  if (!isOwn && !(member && may(member, chat, 'STOP_ANY_RUN'))) throw new ForbiddenError('ROLE_TOO_LOW');

  await write(actorOf(viewer), ({ tx }) => requestStops(tx, { id }));
  // Nothing where the runner was faster with its claim; it then reads the request, or receives its hint.
  if (run.status === 'QUEUED') await settleRun(run, null, { status: 'STOPPED', parts: [] });
  bus.publish('runStopRequested', id);
  const deadline = AbortSignal.timeout(PATIENCE_MS);
  while (!held.text.isEnded && !deadline.aborted && !(await hasEnded(id)))
    await held.text.changed(deadline, POLL_END_MS);
}
