/** Sessions and tokens that end while a stream is open: by a sign-out, revoked, or with a changed password. */
import { GraphQLError } from 'graphql';

import { bus } from '../bus/bus.ts';
import type { Writing } from '../database/write.ts';

/** After its row is gone. A session never comes back, so that a node that receives this needs no other proof. */
export function noteSessionEnd(sessionId: string): void {
  bus.publish('sessionEnded', sessionId);
}

/** Signs a person out everywhere. Their open streams end on every node once the transaction is committed, those of their tokens too. */
export async function endSessions({ tx, announce }: Writing, personId: string): Promise<void> {
  const tokens = await tx.apiToken.findMany({ where: { userId: personId, revokedAt: null }, select: { id: true } });
  for (const { id } of tokens) announce('tokenEnded', id);
  const ended = await tx.session.findMany({ where: { userId: personId }, select: { id: true } });
  await tx.session.deleteMany({ where: { userId: personId } });
  for (const { id } of ended) announce('sessionEnded', id);
}

/** What a stream ends with whose session has ended. */
export function signedOut(): GraphQLError {
  return new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED' } });
}

/** What a request or a stream is refused with whose token is unknown, expired or revoked, or its owner disabled: they look the same. */
export function invalidToken(): GraphQLError {
  const headers = { 'WWW-Authenticate': 'Bearer error="invalid_token"' };
  return new GraphQLError('This token is unknown, expired or revoked.', {
    extensions: { code: 'INVALID_TOKEN', http: { status: 401, headers } },
  });
}
