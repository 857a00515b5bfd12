import type { CombinedError } from '@urql/core';
import { t } from '../i18n';

/** An expected failure as it comes in a result's union. */
export interface ExpectedFailure {
  __typename: string;
  reason: string;
  limit?: number;
  issues?: readonly { reason: string }[];
}

/** An expected failure in the reader's language; what we have no words for keeps the server's. */
export function sayFailure(failure: ExpectedFailure): string {
  const words = t().failures;
  switch (failure.__typename) {
    case 'NotFoundError':
      return words.notFound;
    case 'ForbiddenError':
      return words.forbidden;
    case 'ConflictError':
      return words.conflict;
    case 'RunInProgressError':
      return words.runInProgress;
    case 'ChatLimitError':
      return words.chatLimit(failure.limit ?? 0);
    case 'InvalidInputError':
      return failure.issues?.map((issue) => issue.reason).join(' ') || failure.reason;
    default:
      return failure.reason;
  }
}

/** A failure nobody expected: the network's, or the server's own with the id one can ask about. */
export function sayError(error: CombinedError): string {
  if (error.networkError && !error.response) return t().failures.network;
  const [first] = error.graphQLErrors;
  if (!first) return t().failures.unexpected;
  const wait = first.extensions['retryAfterSeconds'];
  if (typeof wait === 'number') return t().failures.rateLimit(wait);
  const requestId = first.extensions['requestId'];
  return typeof requestId === 'string' ? t().failures.server(first.message, requestId) : first.message;
}
