/** What HTTP says of a refused request, for all providers. */
import { ProviderFailure, type FailureCode } from './provider.ts';

/** Another try may help where the fault passes by itself; the one who refused may say when. */
export function refusal(code: FailureCode, message: string, headers: Headers | undefined): ProviderFailure {
  const retryAfterMs = millisecondsOf(headers?.get('retry-after'));
  return new ProviderFailure(code, message, {
    retryable: passing.has(code),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** The request would be refused: it is not sent. */
export function noKey(setting: string): ProviderFailure {
  return new ProviderFailure('PROVIDER_AUTH', `${setting} is not set.`, { retryable: false });
}

/** Not even a shorter answer would fit: less has to be sent. */
export function tooLongFor(model: string): ProviderFailure {
  const message = `The request has more tokens than ${model} holds.`;
  return new ProviderFailure('INVALID_REQUEST', message, { retryable: false, isTooLong: true });
}

export function codeOfStatus(status: number): FailureCode {
  if (status === 503 || status === 529) return 'OVERLOADED';
  if (status === 429) return 'RATE_LIMITED';
  if (status >= 500 || status === 408) return 'UPSTREAM_ERROR';
  if (status >= 401 && status <= 403) return 'PROVIDER_AUTH';
  return 'INVALID_REQUEST';
}

const passing = new Set<FailureCode>(['OVERLOADED', 'RATE_LIMITED', 'UPSTREAM_ERROR']);

/** `retry-after` is a number of seconds or an HTTP date. */
function millisecondsOf(retryAfter: string | null | undefined): number | undefined {
  if (!retryAfter?.trim()) return undefined;
  const seconds = Number(retryAfter);
  const wait = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1000;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
