import type { RunFieldsFragment } from '../generated/graphql';

export type Run = RunFieldsFragment;

export function isActive(run: Pick<Run, 'status'> | null | undefined): boolean {
  return run?.status === 'QUEUED' || run?.status === 'RUNNING';
}

export function hasFailed(run: Pick<Run, 'status'> | null | undefined): boolean {
  return run?.status === 'FAILED' || run?.status === 'INTERRUPTED';
}

/** Milliseconds between two moments of a run; null while one of them has not come. */
export function between(from: string | null | undefined, to: string | null | undefined): number | null {
  return from && to ? Date.parse(to) - Date.parse(from) : null;
}

/** How much it wrote. Of a run that broke off, the provider has not said it: then what it counted is null or too little. */
export function tokensWritten(run: Pick<Run, 'status' | 'usage'>): number | null {
  return run.status === 'COMPLETED' ? (run.usage?.outputTokens ?? null) : null;
}

/** Only of a finished run, whose tokens are known. */
export function tokensPerSecond(run: Run): number | null {
  const ms = between(run.firstTokenAt, run.endedAt);
  const tokens = tokensWritten(run);
  return tokens !== null && ms ? tokens / (ms / 1000) : null;
}

/** How much of the model's window the run filled, by everything that it read and wrote. */
export function contextUsed(run: Run): { tokens: number; share: number | null } | null {
  if (!run.usage) return null;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = run.usage;
  const tokens = inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
  return { tokens, share: run.contextWindow ? tokens / run.contextWindow : null };
}
