import type { Actor } from '../database/write.ts';
import type { UserRole } from '../generated/prisma/client.ts';
import { accounts } from './accounts.ts';

/** Who asks. Everything a verb or a read may know of them. */
export interface Viewer {
  readonly id: string;
  readonly role: UserRole;
  readonly credential: Credential;
}

/** What proved who asks. Streams end when it does. */
export interface Credential {
  readonly kind: 'SESSION';
  readonly id: string;
}

/** For `write`. */
export function actorOf({ id }: Pick<Viewer, 'id'>): Actor {
  return { personId: id };
}

/**
 * From a request's cookie; null when signed out, expired, revoked or disabled. Asks the database: a revoked session ends at once, and one
 * that began in the moment in which its person was disabled is none.
 */
export async function viewerOf(headers: Headers): Promise<Viewer | null> {
  if (!headers.has('cookie')) return null;
  const found = await accounts().api.getSession({ headers });
  if (!found || found.user.disabledAt) return null;
  return {
    id: found.user.id,
    role: found.user.role as UserRole,
    credential: { kind: 'SESSION', id: found.session.id },
  };
}
