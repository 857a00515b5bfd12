/** Sessions that end while somebody reads a long stream: by a sign-out, revoked, or with a changed password. */
import { GraphQLError } from 'graphql';

import { bus } from '../bus/bus.ts';
import type { Writing } from '../database/write.ts';

/** After its row is gone. A session never comes back, so that whoever hears of it, on whichever node, needs no other proof. */
export function noteSessionEnd(sessionId: string): void {
  bus.publish('sessionEnded', sessionId);
}

/** Signs a person out everywhere. Their open streams end on every node once the transaction is committed. */
export async function endSessions({ tx, announce }: Writing, personId: string): Promise<void> {
  const ended = await tx.session.findMany({ where: { userId: personId }, select: { id: true } });
  await tx.session.deleteMany({ where: { userId: personId } });
  for (const { id } of ended) announce('sessionEnded', id);
}

/** What a stream ends with whose session has ended. */
export function signedOut(): GraphQLError {
  return new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED' } });
}
