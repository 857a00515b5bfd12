import type { CombinedError } from '@urql/core';
import { t, type Dictionary } from '../i18n';

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
      return sayReason(failure.reason);
    case 'ConflictError':
      return words.conflict;
    case 'RunInProgressError':
      return words.runInProgress;
    case 'RunLimitError':
      return words.runLimit(failure.limit ?? 0);
    case 'ChatLimitError':
      return words.chatLimit(failure.limit ?? 0);
    case 'InvalidInputError':
      return failure.issues?.map((issue) => sayReason(issue.reason)).join(' ') || sayReason(failure.reason);
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
  const { code, requestId } = first.extensions;
  if (typeof requestId === 'string') return t().failures.server(requestId);
  return codes[String(code)]?.() ?? sayReason(first.message);
}

/** The server's own sentence in the reader's language, or as it is where we do not know it. */
export function sayReason(reason: string): string {
  const words = t().failures.reasons;
  const key = reasons[reason];
  if (key) return words[key];
  const [, longest] = /^It may have at most ([\d,]+) characters\.$/.exec(reason) ?? [];
  if (longest) return t().failures.tooLong(Number(longest.replaceAll(',', '')));
  const [, agent] = /^(.+) cannot answer: its provider has no key\./.exec(reason) ?? [];
  return agent ? t().failures.agentWithoutKey(agent) : reason;
}

/** What the server says in English, word for word as in `api/`. */
const reasons: Record<string, keyof Dictionary['failures']['reasons']> = {
  'It must not be empty.': 'empty',
  'It must be a single line.': 'manyLines',
  'A NUL character cannot be stored. Take it out.': 'unstorable',
  'It holds half of a surrogate pair, which is no character. Take it out.': 'unstorable',
  'Use 2 to 32 small letters, digits and hyphens, a letter first.': 'handle',
  'Another agent has this handle.': 'handleTaken',
  'At least 1.': 'tooFew',
  'At most 128,000.': 'tooMany',
  'No agent can answer. An administrator can set a key or bring back the echo.': 'noAgent',
  'This is the last agent. Make another one first.': 'lastAgent',
  'This is the last agent that can answer. Make another one first.': 'lastUsableAgent',
  'This is the default agent. Make another one the default first.': 'defaultAgent',
  'This chat is deleted. Restore it to go on in it.': 'deletedChat',
  'This chat is archived. Unarchive it to go on in it.': 'archivedChat',
  'Only its author can edit a message.': 'othersMessage',
  'Only its author can delete a message.': 'othersMessage',
  'Only an answer that broke off can be continued.': 'notCut',
  'This answer is deleted.': 'deletedAnswer',
  'The message that it answered is deleted.': 'deletedQuestion',
};

const codes: Record<string, () => string> = {
  UNAUTHENTICATED: () => t().auth.sessionEnded,
  QUERY_TOO_COMPLEX: () => t().failures.tooMuch,
  ANSWER_TOO_LARGE: () => t().failures.tooMuch,
  TOO_LARGE: () => t().failures.tooLarge,
  INTERNAL: () => t().failures.unexpected,
};
