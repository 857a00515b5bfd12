import type { RunFieldsFragment } from '../generated/graphql';

export type Run = RunFieldsFragment;

export function isActive(run: Pick<Run, 'status'> | null | undefined): boolean {
  return run?.status === 'QUEUED' || run?.status === 'RUNNING';
}

export function hasFailed(run: Pick<Run, 'status'> | null | undefined): boolean {
  return run?.status === 'FAILED' || run?.status === 'INTERRUPTED';
}

/** Whether the answer broke off, so that one may ask for the rest. */
export function isCut(run: Pick<Run, 'status' | 'stopReason'>): boolean {
  if (run.status === 'COMPLETED') return run.stopReason === 'MAX_TOKENS' || run.stopReason === 'CONTEXT_WINDOW';
  return run.status === 'STOPPED' || run.status === 'INTERRUPTED';
}

/** Milliseconds between two moments of a run; null while one of them has not come. */
export function between(from: string | null | undefined, to: string | null | undefined): number | null {
  return from && to ? Date.parse(to) - Date.parse(from) : null;
}

/** Only of a finished run: of any other, the provider has not said how much it wrote. */
export function tokensPerSecond(run: Run): number | null {
  if (run.status !== 'COMPLETED') return null;
  const ms = between(run.firstTokenAt, run.endedAt);
  return run.usage && ms ? run.usage.outputTokens / (ms / 1000) : null;
}

/** How much of the model's window the run filled, by everything that it read and wrote. */
export function contextUsed(run: Run): { tokens: number; share: number | null } | null {
  if (!run.usage) return null;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = run.usage;
  const tokens = inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
  return { tokens, share: run.contextWindow ? tokens / run.contextWindow : null };
}
