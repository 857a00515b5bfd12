import type { Redis } from 'ioredis';

import { log } from '../log.ts';

type Listener = (message: string) => void;

/** What one connection listens to. After a reconnect it listens again, and then reports that messages may be missing. */
export class Channels {
  readonly #client: Redis;
  readonly #listeners = new Map<string, Listener>();
  readonly #onResumed = new Set<() => void>();
  #isListening: boolean;

  constructor(client: Redis) {
    this.#client = client;
    this.#isListening = client.status === 'ready';
    client.on('message', (channel: string, message: string) => this.#listeners.get(channel)?.(message));
    client.on('ready', () => void this.#resume());
    client.on('close', () => (this.#isListening = false));
  }

  /** False while messages may be lost. */
  get isListening(): boolean {
    return this.#isListening;
  }

  get count(): number {
    return this.#listeners.size;
  }

  /** Resolves when messages arrive from now on; where Redis is away, at once, and `onResumed` follows. One listener to a channel. */
  async open(channel: string, listener: Listener): Promise<void> {
    this.#listeners.set(channel, listener);
    await this.#client.subscribe(channel).catch(() => undefined);
  }

  close(channel: string): void {
    this.#listeners.delete(channel);
    this.#client.unsubscribe(channel).catch(() => undefined);
  }

  onResumed(listener: () => void): void {
    this.#onResumed.add(listener);
  }

  async #resume(): Promise<void> {
    try {
      if (this.#listeners.size > 0) await this.#client.subscribe(...this.#listeners.keys());
      this.#isListening = true;
      for (const listener of this.#onResumed) listener();
    } catch (error) {
      // The next `ready` tries again.
      log.warn({ error }, 'Redis disconnected before the subscription was made');
      this.#client.disconnect(true);
    }
  }
}
