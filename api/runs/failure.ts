import { z } from 'zod';

import type { FailureCode } from '../providers/provider.ts';
import type { ProviderName } from '../providers/providers.ts';

/** Why a run has no whole answer. INTERRUPTED: our process died; INTERNAL: a fault of ours. */
export const runFailureCodes = [
  'UPSTREAM_CUT',
  'UPSTREAM_SILENT',
  'UPSTREAM_MALFORMED',
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_ERROR',
  'OVERLOADED',
  'RATE_LIMITED',
  'PROVIDER_AUTH',
  'INVALID_REQUEST',
  'INTERRUPTED',
  'INTERNAL',
] as const satisfies readonly (FailureCode | 'INTERRUPTED' | 'INTERNAL')[];

export type RunFailureCode = (typeof runFailureCodes)[number];

export interface RunFailure {
  code: RunFailureCode;
  /** For a person. */
  reason: string;
  /** Has another try a chance without anybody mending something? */
  retryable: boolean;
}

const Stored = z.object({ code: z.enum(runFailureCodes), reason: z.string(), retryable: z.boolean() });

/** From a JSON column. */
export function parseFailure(json: unknown): RunFailure | null {
  return json === null ? null : Stored.parse(json);
}

/** `provider`: whose failure it was. Without it the reason names the settings of all. */
export function runFailure(code: RunFailureCode, provider?: ProviderName): RunFailure {
  const reason = code === 'PROVIDER_AUTH' ? refusedKey(provider) : reasons[code];
  return { code, reason, retryable: code !== 'PROVIDER_AUTH' && code !== 'INVALID_REQUEST' };
}

function refusedKey(provider: ProviderName | undefined): string {
  const setting = provider && keys[provider];
  const place = setting ?? 'ANTHROPIC_API_KEY (Anthropic) or OPENAI_API_KEY (OpenAI-compatible)';
  return `The model’s provider refused the key. An administrator has to mend the setting ${place}.`;
}

const keys: Partial<Record<ProviderName, string>> = { ANTHROPIC: 'ANTHROPIC_API_KEY', OPENAI: 'OPENAI_API_KEY' };

const reasons: Record<Exclude<RunFailureCode, 'PROVIDER_AUTH'>, string> = {
  UPSTREAM_CUT: 'The connection to the model broke before the answer was whole.',
  UPSTREAM_SILENT: 'The model fell silent.',
  UPSTREAM_MALFORMED: 'The model’s provider sent something that could not be read.',
  UPSTREAM_UNREACHABLE: 'The model’s provider could not be reached.',
  UPSTREAM_ERROR: 'The model’s provider had a fault of its own.',
  OVERLOADED: 'The model is overloaded.',
  RATE_LIMITED: 'The model’s provider limits how much may be asked; the limit is reached.',
  INVALID_REQUEST:
    'The model’s provider refused the request. An administrator should check the agent’s model and limits.',
  INTERRUPTED: 'The server stopped while the answer was being written.',
  INTERNAL: 'Something went wrong on the server. Its log says what.',
};
