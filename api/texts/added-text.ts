import { log } from '../log.ts';
import { type Excerpt, excerptAfter } from './excerpt.ts';
import { lengthOf, type Part } from './parts.ts';
import type { TextStore } from './text-store.ts';

/** The owner of texts that no node owns. Those of others are nodes' ids. */
const NOBODY = 'nobody';
/** Code units in one call. */
const MOST_AT_ONCE = 64_000;
/** Calls that wait, of one text. Beyond that a slow Redis is sent less: what it misses is read from the database with the next call. */
const MOST_WAITING = 50;

/**
 * Sends text that no node owns to Redis: the answers of service agents, whose words any node may receive. For each run, a node makes one call at a
 * time. Where text is missing in Redis before an excerpt, which another node received or Redis lost, the whole text is read from the database.
 */
export class AddedTexts {
  readonly #store: TextStore;
  readonly #queues = new Map<string, { last: Promise<void>; waiting: number }>();

  constructor(store: TextStore) {
    this.#store = store;
  }

  add(runId: string, excerpt: Excerpt, whole: () => Promise<readonly Part[]>): void {
    const queue = this.#queues.get(runId) ?? { last: Promise.resolve(), waiting: 0 };
    if (queue.waiting >= MOST_WAITING) return;
    queue.waiting += 1;
    this.#queues.set(runId, queue);
    queue.last = queue.last
      .then(() => this.#carry(runId, excerpt, whole))
      .catch((error: unknown) => log.debug({ runId, error }, 'Sending words of a service agent to Redis failed'))
      .then(() => {
        queue.waiting -= 1;
        if (queue.waiting === 0) this.#queues.delete(runId);
      });
  }

  async #carry(runId: string, excerpt: Excerpt, whole: () => Promise<readonly Part[]>): Promise<void> {
    const length = await this.#store.append(runId, NOBODY, excerpt, false);
    if (length === null || length >= excerpt.from + lengthOf(excerpt.parts)) return;
    const parts = await whole();
    for (let known = length, before = -1; known > before && known < lengthOf(parts);) {
      before = known;
      const rest = excerptAfter(parts, known, MOST_AT_ONCE);
      known = (await this.#store.append(runId, NOBODY, rest, false)) ?? -1;
    }
  }
}
