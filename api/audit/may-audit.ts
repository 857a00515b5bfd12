import { chatsInReach, type Viewer } from '../auth/viewer.ts';

/** Administrators. Not with a token that is bound to some chats: changes cover all of them. */
export function mayAudit(viewer: Viewer): boolean {
  return viewer.role === 'ADMIN' && chatsInReach(viewer) === null;
}
