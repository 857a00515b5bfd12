/** Sessions that end while somebody reads a long stream: by a sign-out, revoked, or with a changed password. */
import { GraphQLError } from 'graphql';

import { bus } from '../bus/bus.ts';

/** After its row is gone. A session never comes back, so that whoever hears of it, on whichever node, needs no other proof. */
export function noteSessionEnd(sessionId: string): void {
  bus.publish('sessionEnded', sessionId);
}

/** What a stream ends with whose session has ended. */
export function signedOut(): GraphQLError {
  return new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED' } });
}
