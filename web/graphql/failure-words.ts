import type { CombinedError } from '@urql/core';
import { failureWords } from './words';
import type { Failure, InputIssue } from './failure-fields';

/** An expected failure in the reader's language. A newer server can have codes that this page has no words for. */
export function sayFailure(failure: Failure): string {
  const words = failureWords();
  if ('issues' in failure) return failure.issues.map(sayIssue).join(' ') || failure.reason;
  if (failure.code === 'CHAT_LIMIT' && 'limit' in failure) return words.chatLimit(failure.limit);
  if (failure.code === 'RUN_LIMIT' && 'limit' in failure) return words.runLimit(failure.limit);
  if (failure.code === 'AGENT_WITHOUT_KEY' && 'subject' in failure) return words.agentWithoutKey(failure.subject ?? '');
  return sayCode(words.codes, failure);
}

/** What is wrong with one field, in the reader's language. */
export function sayIssue(issue: InputIssue): string {
  const words = failureWords();
  const limit = issue.limit ?? 0;
  if (issue.code === 'TOO_LONG') return words.tooLong(limit);
  if (issue.code === 'TOO_SMALL') return words.tooSmall(limit);
  if (issue.code === 'TOO_LARGE') return words.tooLarge(limit);
  return sayCode(words.issues, issue);
}

function sayCode(words: Readonly<Record<string, string>>, said: { code: string; reason: string }): string {
  return words[said.code] ?? said.reason;
}

/** An unexpected failure: the network's, or the server's own with the id one can ask about. */
export function sayError(error: CombinedError): string {
  if (error.networkError && !error.response) return failureWords().network;
  const [first] = error.graphQLErrors;
  if (!first) return failureWords().unexpected;
  const wait = first.extensions['retryAfterSeconds'];
  if (typeof wait === 'number') return failureWords().rateLimit(wait);
  const { code, requestId } = first.extensions;
  if (typeof requestId === 'string') return failureWords().server(requestId);
  return errorCodes[String(code)]?.() ?? first.message;
}

const errorCodes: Record<string, () => string> = {
  UNAUTHENTICATED: () => failureWords().sessionEnded,
  QUERY_TOO_COMPLEX: () => failureWords().tooMuch,
  ANSWER_TOO_LARGE: () => failureWords().tooMuch,
  TOO_LARGE: () => failureWords().bodyTooLarge,
  INTERNAL: () => failureWords().unexpected,
};
