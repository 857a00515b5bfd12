import { actorOf, type Viewer } from '../auth/viewer.ts';
import { write } from '../database/write.ts';
import { InvalidInputError } from '../errors.ts';
import { lockHandles } from '../handles/handles.ts';

export function updateHandle(viewer: Viewer, handle: string): Promise<void> {
  return write(actorOf(viewer), async ({ tx }) => {
    await lockHandles(tx);
    const owner = await tx.handle.findUnique({ where: { name: handle } });
    if (owner && owner.userId !== viewer.id)
      throw new InvalidInputError([
        { path: ['input', 'handle'], code: 'HANDLE_TAKEN', reason: 'Somebody else has this handle.' },
      ]);
    await tx.handle.update({ where: { userId: viewer.id }, data: { name: handle } });
  });
}
