import { changeChatAs } from '../chats/change.ts';
import { NotFoundError } from '../errors.ts';
import type { AgentRun } from '../runs/agent-run.ts';
import { log } from '../log.ts';
import { nodeId } from '../nodes/heartbeat.ts';
import type { TokenUsage } from '../providers/provider.ts';

/** An answer that is over before that needs no write of its own: its end says it too. */
const PAUSE_MS = 100;

/**
 * Stores when the first words of a run came, and what the provider has said of its tokens until then, while the run goes on: its
 * members see both in their status line. Dispose of it after the run's end.
 */
export class FirstToken implements AsyncDisposable {
  readonly #run: AgentRun;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(run: AgentRun) {
    this.#run = run;
  }

  /** `usage` is asked when it is written. */
  came(firstTokenAt: Date, usage: () => Partial<TokenUsage>): void {
    this.#timer ??= setTimeout(() => {
      this.#writing = store(this.#run, firstTokenAt, usage()).catch((error: unknown) => {
        // The chat was purged meanwhile; else it is stored with the end.
        if (!(error instanceof NotFoundError))
          log.warn({ runId: this.#run.id, error }, 'The first token was not stored');
      });
    }, PAUSE_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
  }
}

/** Nothing where the run is over, or another node has it. */
function store(run: AgentRun, firstTokenAt: Date, usage: Partial<TokenUsage>): Promise<void> {
  return changeChatAs({ agentId: run.agentId }, run.chatId, async ({ tx, revision, withoutChange }) => {
    const { count } = await tx.run.updateMany({
      where: { id: run.id, nodeId, status: 'RUNNING', firstTokenAt: null },
      data: { ...usage, firstTokenAt, revision },
    });
    if (count === 0) return withoutChange(undefined);
  });
}
