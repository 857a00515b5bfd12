import { setTimeout as delay } from 'node:timers/promises';

import { log } from '../log.ts';
import type { RunText } from './text.ts';
import type { TextReceiver } from './text-wire.ts';
import { excerptAfter } from './excerpt.ts';
import { type RedisClient, whenReady } from '../redis/connections.ts';
import type { TextStore } from './text-store.ts';

/** Bounds the calls: 35 a second at most, whatever the provider does and however fast Redis answers. */
const PACE_MS = 31;
/** So soon one who is silent learns that the text was taken from it, or that Redis has forgotten it. */
const ASK_MS = 5_000;
const PAUSE_AFTER_FAILURE_MS = 250;
/** Code units in one call, so that Redis and the others are not kept waiting by one who catches up. */
const MOST_AT_ONCE = 64_000;

/**
 * Carries a text that is written here to Redis. It is a reader of the text like any other and holds an offset, how much of it Redis
 * has. Redis answers every call with what it really has: that is the next offset, so that an answer that was lost, a call that was
 * received twice and a Redis that has lost everything are all the same case.
 */
export class CarriedText implements Disposable {
  /** When no more is carried. False where another node owns the text now. */
  readonly done: Promise<boolean>;
  readonly #runId: string;
  readonly #text: RunText;
  readonly #node: string;
  readonly #client: RedisClient;
  readonly #store: TextStore;
  readonly #receiver: TextReceiver;
  readonly #closing = new AbortController();
  #resting = new AbortController();
  /** What Redis has is not known: ask, even where there is nothing to say. */
  #mustAsk = true;
  #isRefused = false;

  constructor(
    { runId, text, node }: { runId: string; text: RunText; node: string },
    { client, store, receiver }: { client: RedisClient; store: TextStore; receiver: TextReceiver },
  ) {
    this.#runId = runId;
    this.#text = text;
    this.#node = node;
    this.#client = client;
    this.#store = store;
    this.#receiver = receiver;
    this.done = this.#carry();
  }

  /** Redis was away, and may have forgotten. */
  askAgain(): void {
    this.#mustAsk = true;
    this.#resting.abort();
  }

  /** Stops at once, unless the text has ended: then the rest of it is carried still. */
  [Symbol.dispose](): void {
    if (!this.#text.isEnded) this.close();
  }

  close(): void {
    this.#closing.abort();
    this.#resting.abort();
  }

  async #carry(): Promise<boolean> {
    const { signal } = this.#closing;
    let sent = 0;
    let isTaking = false;
    while (!signal.aborted) {
      // The database has it all: a text that has ended need not be kept until Redis answers.
      if (this.#text.isEnded && this.#client.status !== 'ready') return true;
      await whenReady(this.#client, signal);
      if (!this.#mustAsk && sent === this.#text.length) {
        if (this.#text.isEnded) return true;
        await this.#rest();
        continue;
      }

      const pace = delay(PACE_MS, undefined, { signal }).catch(() => undefined);
      const length = await this.#append(sent, isTaking);
      if (length === undefined) {
        this.#mustAsk = true;
        await delay(PAUSE_AFTER_FAILURE_MS, undefined, { signal }).catch(() => undefined);
      } else if (length === null) {
        // Redis may still name a former owner. The database has the present one.
        if (!(await this.#receiver.confirmOwner(this.#runId))) return false;
        isTaking = true;
        this.#mustAsk = true;
      } else {
        isTaking = false;
        sent = Math.min(length, this.#text.length);
      }
      await pace;
    }
    return true;
  }

  /** How much Redis has; null where it is not ours to write; undefined where there was no answer. */
  async #append(from: number, isTaking: boolean): Promise<number | null | undefined> {
    this.#mustAsk = false;
    const excerpt = excerptAfter(this.#text.parts, from, MOST_AT_ONCE);
    try {
      const length = await this.#store.append(this.#runId, this.#node, excerpt, isTaking);
      this.#isRefused = false;
      return length;
    } catch (error) {
      // That it is unavailable is logged elsewhere, once for all texts.
      if (!this.#isRefused && this.#client.status === 'ready')
        log.warn({ runId: this.#runId, error }, 'Sending a text to Redis failed, retrying');
      this.#isRefused = true;
      return undefined;
    }
  }

  async #rest(): Promise<void> {
    this.#resting = new AbortController();
    if (this.#closing.signal.aborted) return;
    const length = this.#text.length;
    await this.#text.changed(this.#resting.signal, ASK_MS);
    if (this.#text.length === length) this.#mustAsk = true;
  }
}
