import { setTimeout as delay } from 'node:timers/promises';

import type { Redis } from 'ioredis';

import { whenReady } from './connections.ts';

/** The most items that wait while Redis is unavailable; beyond, the oldest are dropped. */
const MOST_WAITING = 10_000;
const MOST_AT_ONCE = 500;
const PAUSE_AFTER_FAILURE_MS = 250;

/**
 * Sends items to Redis in order, each until it was acknowledged, perhaps twice. One call is on its way at a time: what comes meanwhile goes
 * out together, and what comes again under the same key waits once.
 */
export class SendQueue<Message> implements Disposable {
  readonly #client: Redis;
  readonly #say: (messages: readonly Message[]) => Promise<unknown>;
  readonly #closing = new AbortController();
  #waiting = new Map<string, Message>();
  #saying: Promise<void> | null = null;

  constructor(client: Redis, say: (messages: readonly Message[]) => Promise<unknown>) {
    this.#client = client;
    this.#say = say;
  }

  add(key: string, message: Message): void {
    if (this.#closing.signal.aborted) return;
    this.#waiting.set(key, message);
    this.#forgetOldest();
    this.#saying ??= this.#sayAll();
  }

  /** Resolves when nothing waits, or never will go. Never rejects. */
  async done(): Promise<void> {
    await this.#saying;
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
  }

  async #sayAll(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await whenReady(this.#client, signal);
      const batch = [...this.#waiting].slice(0, MOST_AT_ONCE);
      if (batch.length === 0 || signal.aborted) {
        // In this very step, rather than when the promise settles: what is added in between would wait for the next one.
        this.#saying = null;
        return;
      }
      for (const [key] of batch) this.#waiting.delete(key);
      try {
        await this.#say(batch.map(([, message]) => message));
      } catch {
        this.#waiting = new Map([...batch, ...this.#waiting]);
        this.#forgetOldest();
        await delay(PAUSE_AFTER_FAILURE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #forgetOldest(): void {
    for (const key of this.#waiting.keys()) {
      if (this.#waiting.size <= MOST_WAITING) return;
      this.#waiting.delete(key);
    }
  }
}
