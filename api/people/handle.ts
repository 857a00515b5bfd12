import { actorOf, type Viewer } from '../auth/viewer.ts';
import { write } from '../database/write.ts';
import { handleTaken, lockHandles, refuseKeptHandle } from '../handles/handles.ts';

export function updateHandle(viewer: Viewer, handle: string): Promise<void> {
  return write(actorOf(viewer), async ({ tx }) => {
    await lockHandles(tx);
    const owner = await tx.handle.findUnique({ where: { name: handle } });
    if (owner && owner.userId !== viewer.id) throw handleTaken();
    await refuseKeptHandle(tx, handle, viewer.id);
    await tx.handle.update({ where: { userId: viewer.id }, data: { name: handle } });
  });
}
