import { lockAdministrators, requireAdministrator } from '../accounts/administrators.ts';
import { actorOf, type Viewer } from '../auth/viewer.ts';
import { requireAllChats } from '../chats/require.ts';
import { write } from '../database/write.ts';
import { NotFoundError } from '../errors.ts';
import { assignHandle, lockHandles } from '../handles/handles.ts';

export interface ServiceAgentUpdate {
  id: string;
  name: string | undefined;
  handle: string | undefined;
}

/** What is left out stays. The accounts of people are changed by their owners alone: to this they are not there. */
export function updateServiceAgent(viewer: Viewer, { id, name, handle }: ServiceAgentUpdate): Promise<void> {
  requireAllChats(viewer);
  return write(actorOf(viewer), async ({ tx }) => {
    // Held by whoever deletes an account, so that it stays until the commit.
    await lockAdministrators(tx);
    await requireAdministrator(tx, viewer);
    if ((await tx.user.count({ where: { id, role: 'AGENT' } })) === 0)
      throw new NotFoundError('No such service agent.');
    if (name) await tx.user.update({ where: { id }, data: { name } });
    if (!handle) return;
    await lockHandles(tx);
    await assignHandle(tx, id, handle);
  });
}
