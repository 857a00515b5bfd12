import { actorOf, type Viewer } from '../auth/viewer.ts';
import { write } from '../database/write.ts';
import { tokenInCareOf } from './care.ts';
import { NotFoundError } from '../errors.ts';

/** For good. Streams that were opened with it end on every node. Does nothing for a revoked token. */
export function revokeToken(viewer: Viewer, id: string): Promise<void> {
  return write(actorOf(viewer), async ({ tx, announce }) => {
    const token = await tx.apiToken.findFirst({ where: { ...tokenInCareOf(viewer), id } });
    if (!token) throw new NotFoundError('No such token.');
    await tx.apiToken.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date() } });
    announce('tokenEnded', id);
  });
}
