import { GraphQLError } from 'graphql';

import { InvalidInputError, NotFoundError } from '../errors.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { log } from '../log.ts';
import { requestIdNow } from '../operations/request-id.ts';

/** What was foreseen is shown; whatever else is logged with the request's id, and only the id is shown. */
export function maskError(error: unknown, message: string): Error {
  const cause = causeOf(error);
  if (error instanceof GraphQLError && cause === error) return error;
  const path = (error instanceof GraphQLError ? error.path : undefined) ?? null;
  // A query has no result union that could hold it.
  if (cause instanceof InvalidInputError) {
    return new GraphQLError(cause.reason, { path, extensions: { code: 'INVALID_INPUT', http: { status: 400 } } });
  }
  if (isGone(cause)) {
    const reason =
      cause instanceof NotFoundError ? cause.reason : 'It was there when this request began, and is not any more.';
    return new GraphQLError(reason, { path, extensions: { code: 'NOT_FOUND', http: { status: 404 } } });
  }
  const requestId = requestIdNow();
  log.error({ requestId, error: cause, path }, 'Unforeseen error');
  return new GraphQLError(message, { path, extensions: { code: 'INTERNAL', requestId, http: { status: 500 } } });
}

/** The thrown error: the error itself, or what GraphQL wrapped into one that names the field. */
function causeOf(error: unknown): unknown {
  const original = error instanceof GraphQLError ? error.originalError : undefined;
  return original && !(original instanceof GraphQLError) ? original : error;
}

/** Whether a row is not there, or no longer: it is read in two steps, as Pothos does, and was deleted between them, or its reader was removed from the room. */
export function isGone(error: unknown): boolean {
  const cause = causeOf(error);
  const isNoRow = cause instanceof Prisma.PrismaClientKnownRequestError && cause.code === 'P2025';
  return cause instanceof NotFoundError || isNoRow;
}

export function isForeseen(error: unknown): boolean {
  const cause = causeOf(error);
  return cause instanceof GraphQLError || cause instanceof InvalidInputError || isGone(error);
}
