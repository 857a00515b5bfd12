import type { Viewer } from '../auth/viewer.ts';
import { changeChat } from '../chats/change.ts';
import { db } from '../database/db.ts';
import { OffsetError } from '../errors.ts';
import type { TokenUsage } from '../providers/provider.ts';
import { requireOwnRun } from './append.ts';
import { type ExternalEnding, lockAnswer, settleAnswer, publishEnd } from './settle.ts';

export interface AnswerEnd {
  runId: string;
  status: 'COMPLETED' | 'STOPPED' | 'FAILED';
  /** UTF-16 code units of the whole answer; left out: as many as are known. */
  length?: number | undefined;
  usage?: TokenUsage | undefined;
  model?: string | undefined;
}

const endings: Record<AnswerEnd['status'], ExternalEnding> = {
  COMPLETED: { status: 'COMPLETED', stopReason: 'END_TURN' },
  STOPPED: { status: 'STOPPED' },
  FAILED: { status: 'FAILED', failure: 'UPSTREAM_ERROR' },
};

/** An answer that has ended already stays as it is. Throws an `OffsetError` where words are missing. */
export async function endAnswer(viewer: Viewer, { runId, status, length, usage, model }: AnswerEnd): Promise<void> {
  const chatId = await requireOwnRun(db, viewer, runId);
  const settled = await changeChat(viewer, chatId, async (change) => {
    const known = await lockAnswer(change.tx, runId);
    if (known === null) return change.withoutChange(null);
    if (length !== undefined && length !== known) throw new OffsetError(known);
    return settleAnswer(change, runId, { ...endings[status], usage, model });
  });
  if (settled) publishEnd(settled);
}
