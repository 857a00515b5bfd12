import { actorOf, type Viewer } from '../auth/viewer.ts';
import { hashOfInput, requireSameInput } from '../database/same-input.ts';
import { write } from '../database/write.ts';
import { requireAdministrator } from '../accounts/administrators.ts';
import { handleTaken, lockHandles, refuseKeptHandle } from '../handles/handles.ts';
import { newId } from '../ids.ts';

export interface NewServiceAgent {
  name: string;
  handle: string;
  /** The same id again gives the first result. */
  clientId: string;
}

/** An account for a program: signing in to it is impossible, since it has no password, and tokens are made for it. Returns its id. */
export function createServiceAgent(viewer: Viewer, { name, handle, clientId }: NewServiceAgent): Promise<string> {
  const inputHash = hashOfInput('createServiceAgent', { name, handle });
  return write(actorOf(viewer), async ({ tx }) => {
    await requireAdministrator(tx, viewer);
    // Of two at once with one clientId, the second finds what the first one made.
    await lockHandles(tx);
    const made = await tx.user.findUnique({ where: { clientId } });
    if (made) requireSameInput(made.inputHash, inputHash);
    if (made) return made.id;

    if ((await tx.handle.count({ where: { name: handle } })) > 0) throw handleTaken();
    await refuseKeptHandle(tx, handle);
    const id = newId();
    // An address is needed and none is there: this one cannot be guessed, and `.invalid` receives no mail.
    const email = `${id}@service-agents.invalid`;
    await tx.user.create({ data: { id, name, email, role: 'AGENT', maxChats: 0, clientId, inputHash } });
    await tx.handle.update({ where: { userId: id }, data: { name: handle } });
    return id;
  });
}
