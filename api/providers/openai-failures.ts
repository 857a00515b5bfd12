import OpenAI from 'openai';
import { ProviderFailure, type FailureCode } from './provider.ts';
import { codeOfStatus, refusal } from './refusal.ts';
import { codesOf } from './wire.ts';

/** Why a generation failed, from whatever the SDK threw. The error itself is left behind, as with Anthropic's. */
export function fromOpenAiError(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  if (error instanceof OpenAI.APIConnectionError) {
    return new ProviderFailure('UPSTREAM_UNREACHABLE', `No connection: ${codesOf(error)}.`, { retryable: true });
  }
  if (error instanceof OpenAI.APIError) return refusedWith(error);
  return new ProviderFailure('UPSTREAM_MALFORMED', `Not OpenAI's wire form: ${codesOf(error)}.`, { retryable: false });
}

function refusedWith(error: InstanceType<typeof OpenAI.APIError>): ProviderFailure {
  const { status, headers, requestID } = error;
  const code = codeOfWord.get(textOf(error.code)) ?? (status ? codeOfStatus(status) : codeInStream(error));
  const message = `The model's server answered ${status ?? 'in the stream'}, ${code}, request ${requestID ?? 'unnamed'}.`;
  return refusal(code, message, headers);
}

/** There the error's code is what the status would have been, of vLLM, llama.cpp and OpenRouter, or there is only a type. */
function codeInStream({ code, type }: { code?: unknown; type?: unknown }): FailureCode {
  const status = typeof code === 'number' ? code : Number(textOf(code) || Number.NaN);
  if (status >= 400 && status < 600) return codeOfStatus(status);
  return codeOfWord.get(textOf(type)) ?? 'UPSTREAM_ERROR';
}

/** Servers put other kinds into these fields as well. */
function textOf(field: unknown): string {
  return typeof field === 'string' ? field : '';
}

/** As a code it says more than the status: an account without money is a 429 as well. */
const codeOfWord = new Map<string, FailureCode>([
  ['server_is_overloaded', 'OVERLOADED'],
  ['slow_down', 'OVERLOADED'],
  ['overloaded_error', 'OVERLOADED'],
  ['insufficient_quota', 'PROVIDER_AUTH'],
  ['invalid_api_key', 'PROVIDER_AUTH'],
  ['authentication_error', 'PROVIDER_AUTH'],
  ['rate_limit_exceeded', 'RATE_LIMITED'],
  ['rate_limit_error', 'RATE_LIMITED'],
  ['context_length_exceeded', 'INVALID_REQUEST'],
  ['model_not_found', 'INVALID_REQUEST'],
  ['invalid_request_error', 'INVALID_REQUEST'],
  ['not_found_error', 'INVALID_REQUEST'],
]);
