import { log } from '../log.ts';
import { type Excerpt, excerptAfter } from './excerpt.ts';
import { lengthOf, type Part } from './parts.ts';
import type { TextStore } from './text-store.ts';

/** The owner of texts that no node owns. Those of others are nodes' ids. */
const NOBODY = 'nobody';
/** Code units in one call. */
const MOST_AT_ONCE = 64_000;
/** Calls that wait, of one text. Beyond that a slow Redis is told less: what it misses is read from the database with the next call. */
const MOST_WAITING = 50;

/**
 * Carries texts to Redis that whichever node is sent writes: those of service agents. Of one text, a node makes one call at a time. Where
 * Redis has less than a call builds on, since another node was sent what is between or Redis has forgotten, the whole text is read.
 */
export class AddedTexts {
  readonly #store: TextStore;
  readonly #lines = new Map<string, { last: Promise<void>; waiting: number }>();

  constructor(store: TextStore) {
    this.#store = store;
  }

  add(runId: string, excerpt: Excerpt, whole: () => Promise<readonly Part[]>): void {
    const line = this.#lines.get(runId) ?? { last: Promise.resolve(), waiting: 0 };
    if (line.waiting >= MOST_WAITING) return;
    line.waiting += 1;
    this.#lines.set(runId, line);
    line.last = line.last
      .then(() => this.#carry(runId, excerpt, whole))
      .catch((error: unknown) => log.debug({ runId, error }, 'Redis does not take the words of a service agent'))
      .then(() => {
        line.waiting -= 1;
        if (line.waiting === 0) this.#lines.delete(runId);
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
