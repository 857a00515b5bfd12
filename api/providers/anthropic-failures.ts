import Anthropic from '@anthropic-ai/sdk';
import { ProviderFailure, type FailureCode } from './provider.ts';
import { codesOf } from './wire.ts';

/**
 * Why a generation failed, from whatever the SDK threw. The error itself is left behind: its message quotes what the other
 * side said, and that may quote the key, or the words of the person who asked.
 */
export function failureOf(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  if (error instanceof Anthropic.APIConnectionError) {
    return new ProviderFailure('UPSTREAM_UNREACHABLE', `No connection: ${codesOf(error)}.`, { retryable: true });
  }
  if (error instanceof Anthropic.APIError) return refusedWith(error);
  return new ProviderFailure('UPSTREAM_MALFORMED', `Not Anthropic's wire form: ${codesOf(error)}.`, {
    retryable: false,
  });
}

function refusedWith(error: InstanceType<typeof Anthropic.APIError>): ProviderFailure {
  const code = codeOfType.get(error.type ?? '') ?? codeOfStatus(error.status ?? 500);
  const message = `Anthropic answered ${error.status ?? 'in the stream'}, ${code}, request ${error.requestID ?? 'unnamed'}.`;
  const retryAfterMs = millisecondsOf(error.headers?.get('retry-after'));
  return new ProviderFailure(code, message, {
    retryable: passing.has(code),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** In the stream there is no status, only a type. */
const codeOfType = new Map<string, FailureCode>([
  ['overloaded_error', 'OVERLOADED'],
  ['rate_limit_error', 'RATE_LIMITED'],
  ['api_error', 'UPSTREAM_ERROR'],
  ['authentication_error', 'PROVIDER_AUTH'],
  ['permission_error', 'PROVIDER_AUTH'],
  ['billing_error', 'PROVIDER_AUTH'],
  ['invalid_request_error', 'INVALID_REQUEST'],
  ['not_found_error', 'INVALID_REQUEST'],
  ['request_too_large', 'INVALID_REQUEST'],
]);

const passing = new Set<FailureCode>(['OVERLOADED', 'RATE_LIMITED', 'UPSTREAM_ERROR']);

function codeOfStatus(status: number): FailureCode {
  if (status === 529) return 'OVERLOADED';
  if (status === 429) return 'RATE_LIMITED';
  if (status >= 500 || status === 408) return 'UPSTREAM_ERROR';
  if (status >= 401 && status <= 403) return 'PROVIDER_AUTH';
  return 'INVALID_REQUEST';
}

/** `retry-after` is a number of seconds or an HTTP date. */
function millisecondsOf(retryAfter: string | null | undefined): number | undefined {
  if (!retryAfter?.trim()) return undefined;
  const seconds = Number(retryAfter);
  const wait = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1000;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
