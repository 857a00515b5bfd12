import { log } from '../log.ts';

export interface Repetition {
  /** No more; resolves when what is being done is done. */
  stop(): Promise<void>;
}

/**
 * Does something again and again, never twice at once. A failure is logged when it begins and when it is over, rather than each time:
 * a database that is away for a minute would else fill the log.
 */
export function repeat(what: string, everyMs: number, work: () => unknown): Repetition {
  let isFailing = false;
  let working: Promise<void> | null = null;

  async function once(): Promise<void> {
    try {
      await work();
      if (isFailing) log.info({ what }, `${what}: works again`);
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.error({ what, error }, `${what}: failed, retrying`);
      isFailing = true;
    }
  }

  const timer = setInterval(() => {
    working ??= once().finally(() => (working = null));
  }, everyMs);

  return {
    async stop() {
      clearInterval(timer);
      await working;
    },
  };
}
