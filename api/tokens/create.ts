import { requireAdministrator } from '../accounts/administrators.ts';
import { actorOf, type Viewer } from '../auth/viewer.ts';
import { usableAt } from '../auth/stream-guard.ts';
import { visibleTo } from '../chats/visible.ts';
import type { Tx } from '../database/db.ts';
import { write } from '../database/write.ts';
import { env } from '../env.ts';
import { ForbiddenError, type InputIssue, InvalidInputError, NotFoundError } from '../errors.ts';
import type { ApiScope } from '../generated/prisma/client.ts';
import { hashOfSecret, makeSecret, shownPartOf } from './secret.ts';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 90;
const MOST_DAYS = 365;
/** Of one person, that can be used. */
const MOST_TOKENS = 100;

export interface NewToken {
  /** Left out: the viewer's own. An administrator makes those of service agents. */
  serviceAgentId?: string | undefined;
  name: string;
  scopes: ApiScope[];
  /** Null: never; left out: after 90 days. */
  expiresAt?: Date | null | undefined;
  /** Empty: all chats. */
  chatIds: string[];
  /** Empty: any document. */
  documentIds: string[];
}

/** The secret is returned this once: only its hash is stored. */
export function createToken(viewer: Viewer, token: NewToken): Promise<{ tokenId: string; secret: string }> {
  return write(actorOf(viewer), async ({ tx }) => {
    const ownerId = token.serviceAgentId ?? viewer.id;
    if (token.serviceAgentId) await requireServiceAgent(tx, viewer, ownerId);
    // So that of many at once none passes the limit.
    const [locked] = await tx.$queryRaw<{ now: Date }[]>`
      SELECT now() FROM "user" WHERE id = ${ownerId}::uuid FOR NO KEY UPDATE`;
    const now = locked?.now ?? new Date();
    const expiresAt = soundExpiry(token.expiresAt, now);
    const chatIds = [...new Set(token.chatIds)];
    const visible = await tx.chat.count({ where: { ...visibleTo({ id: ownerId }), id: { in: chatIds } } });
    if (visible < chatIds.length) throw new NotFoundError('No such chat.');
    const usable = await tx.apiToken.count({ where: { userId: ownerId, ...usableAt(now) } });
    if (usable >= MOST_TOKENS) throw new ForbiddenError('TOO_MANY_TOKENS');

    const secret = makeSecret();
    const { id } = await tx.apiToken.create({
      data: {
        userId: ownerId,
        name: token.name,
        prefix: shownPartOf(secret),
        secretHash: hashOfSecret(secret),
        scopes: [...new Set(token.scopes)],
        chatIds,
        documentIds: [...new Set(token.documentIds)],
        expiresAt,
      },
    });
    return { tokenId: id, secret };
  });
}

/** Accounts whose tokens administrators make, since no one can sign in to them. */
async function requireServiceAgent(tx: Tx, viewer: Viewer, id: string): Promise<void> {
  await requireAdministrator(tx, viewer);
  if ((await tx.user.count({ where: { id, role: 'AGENT' } })) === 0) throw new NotFoundError('No such service agent.');
}

function soundExpiry(wanted: Date | null | undefined, now: Date): Date | null {
  if (wanted === undefined) return new Date(now.getTime() + USUAL_DAYS * DAY_MS);
  if (wanted === null) {
    if (env.TOKENS_MAY_NEVER_EXPIRE) return null;
    throw badExpiry('EMPTY', 'On this server, every token expires.');
  }
  if (wanted <= now) throw badExpiry('TOO_SMALL', 'That time is over.');
  // A day more, so that a client that counts days in its own time zone gets all of them.
  const latest = now.getTime() + (MOST_DAYS + 1) * DAY_MS;
  if (wanted.getTime() > latest) throw badExpiry('TOO_LARGE', `At most ${MOST_DAYS} days from now.`, MOST_DAYS);
  return wanted;
}

function badExpiry(code: InputIssue['code'], reason: string, limit?: number): InvalidInputError {
  return new InvalidInputError([{ path: ['input', 'expiresAt'], code, reason, limit }]);
}
