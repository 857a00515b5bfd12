import type { Run, RunStatus } from '../generated/prisma/client.ts';

const CUT_STATUSES: ReadonlySet<RunStatus> = new Set(['STOPPED', 'INTERRUPTED', 'FAILED']);

/** Whether the model’s limit, a person, a fault or the death of a process cut the answer. It may have no words at all. */
export function isCut({ status, stopReason }: Pick<Run, 'status' | 'stopReason'>): boolean {
  const isAtLimit = status === 'COMPLETED' && (stopReason === 'MAX_TOKENS' || stopReason === 'CONTEXT_WINDOW');
  return isAtLimit || CUT_STATUSES.has(status);
}
