import type { Actor } from '../database/write.ts';
import type { ApiScope, UserRole } from '../generated/prisma/client.ts';
import { accounts } from './accounts.ts';

/** Who asks. Everything a verb or a read may know of them. */
export interface Viewer {
  readonly id: string;
  readonly role: UserRole;
  readonly credential: Credential;
}

/** What proved who asks. Streams end when it does. */
export type Credential = SessionCredential | TokenCredential;

export interface SessionCredential {
  readonly kind: 'SESSION';
  readonly id: string;
}

/** A token of the API: what it may do is what its owner may, as far as these say. */
export interface TokenCredential {
  readonly kind: 'TOKEN';
  readonly id: string;
  readonly scopes: ReadonlySet<ApiScope>;
  /** Null: all chats of its owner. */
  readonly chatIds: readonly string[] | null;
  /** Null: any document. */
  readonly documentIds: ReadonlySet<string> | null;
  /** Null: never. */
  readonly expiresAt: Date | null;
}

/** The person who asks, and their credential; signed out without one. */
export type Reader = Pick<Viewer, 'id'> & Partial<Pick<Viewer, 'credential'>>;

/** The only chats that are read and written with the viewer's token; null: all of theirs. */
export function chatsInReach({ credential }: Reader): string[] | null {
  return credential?.kind === 'TOKEN' && credential.chatIds ? [...credential.chatIds] : null;
}

/** False where the viewer's token is bound to other chats. Whether the viewer may see the chat is another question. */
export function reaches(viewer: Reader, chatId: string): boolean {
  return chatsInReach(viewer)?.includes(chatId) ?? true;
}

/** For `write`. */
export function actorOf({ id }: Pick<Viewer, 'id'>): Actor {
  return { personId: id };
}

/**
 * From a request's cookie; null when signed out, expired, revoked or disabled. Asks the database: a revoked session ends at once, and one
 * that began while its person was being disabled does not count.
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
