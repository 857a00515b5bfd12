import { endSessions } from '../auth/access.ts';
import { actorOf, type Viewer } from '../auth/viewer.ts';
import { requireAllChats } from '../chats/require.ts';
import { write, type Writing } from '../database/write.ts';
import { NotFoundError } from '../errors.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { revokeAllLinksOf } from '../invitations/links.ts';
import { stopExternalAnswers } from '../runs/queue.ts';
import { lockAdministrators, refuseLastAdministrator, requireAdministrator } from './administrators.ts';

/** Sign-in to the account is refused from now on, and its sessions end. Their links to rooms end; what they wrote and where they are members stays. */
export function disablePerson(viewer: Viewer, personId: string): Promise<void> {
  return administer(viewer, async (writing) => {
    await refuseLastAdministrator(writing.tx, personId);
    await update(writing, personId, { disabledAt: new Date() });
    await revokeAllLinksOf(writing.tx, personId);
    await endSessions(writing, personId);
    await stopExternalAnswers(writing, personId);
  });
}

export function enablePerson(viewer: Viewer, personId: string): Promise<void> {
  return administer(viewer, (writing) => update(writing, personId, { disabledAt: null }));
}

/** Chats that are there already stay. */
export function setMaxChats(viewer: Viewer, personId: string, maxChats: number): Promise<void> {
  return administer(viewer, (writing) => update(writing, personId, { maxChats }));
}

function administer(viewer: Viewer, work: (writing: Writing) => Promise<void>): Promise<void> {
  requireAllChats(viewer);
  return write(actorOf(viewer), async (writing) => {
    await lockAdministrators(writing.tx);
    await requireAdministrator(writing.tx, viewer);
    await work(writing);
  });
}

async function update({ tx }: Writing, personId: string, data: Prisma.UserUpdateManyMutationInput): Promise<void> {
  const { count } = await tx.user.updateMany({ where: { id: personId }, data });
  if (count === 0) throw new NotFoundError('No such person.');
}
