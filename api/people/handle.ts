import { actorOf, type Viewer } from '../auth/viewer.ts';
import { write } from '../database/write.ts';
import { assignHandle, lockHandles } from '../handles/handles.ts';

export function updateHandle(viewer: Viewer, handle: string): Promise<void> {
  return write(actorOf(viewer), async ({ tx }) => {
    await lockHandles(tx);
    await assignHandle(tx, viewer.id, handle);
  });
}
