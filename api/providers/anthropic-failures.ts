import Anthropic from '@anthropic-ai/sdk';
import { ProviderFailure, type FailureCode } from './provider.ts';
import { codeOfStatus, refusal } from './refusal.ts';
import { codesOf } from './wire.ts';

/**
 * Why a generation failed, from whatever the SDK threw. The error itself is left behind: its message quotes what the other
 * side said, and that may quote the key, or the words of the person who asked.
 */
export function fromAnthropicError(error: unknown): ProviderFailure {
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
  return refusal(code, message, error.headers);
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
