import { setTimeout as delay } from 'node:timers/promises';

import { AddedTexts } from './added-text.ts';
import type { Excerpt } from './excerpt.ts';
import type { Part } from './parts.ts';
import type { RunText } from './text.ts';
import { CarriedText } from './carried-text.ts';
import type { Mirror, TextReceiver, TextWire } from './text-wire.ts';
import { MirroredText } from './mirrored-text.ts';
import { SendQueue } from '../redis/send-queue.ts';
import type { Connections } from '../redis/connections.ts';
import { TextStore } from './text-store.ts';

/** How long a node that ends waits for its last words to arrive. The database has them. */
const PATIENCE_MS = 1_000;

export class RedisTextWire implements TextWire, AsyncDisposable {
  readonly #connections: Connections;
  readonly #node: string;
  readonly #receiver: TextReceiver;
  readonly #store: TextStore;
  readonly #added: AddedTexts;
  readonly #carried = new Map<string, CarriedText>();
  readonly #mirrored = new Map<string, MirroredText>();
  readonly #ends: SendQueue<{ runId: string; length: number }>;

  /** `node` is the owner of what is carried from here. */
  constructor(connections: Connections, node: string, receiver: TextReceiver) {
    const { commands, channels, prefix } = connections;
    this.#connections = connections;
    this.#node = node;
    this.#receiver = receiver;
    this.#store = new TextStore(commands, prefix);
    this.#added = new AddedTexts(this.#store);
    this.#ends = new SendQueue(commands, (ends) =>
      Promise.all(ends.map(({ runId, length }) => this.#store.end(runId, length))),
    );
    commands.on('ready', () => {
      for (const carried of this.#carried.values()) carried.askAgain();
      void this.#refresh();
    });
    channels.onResumed(() => void this.#refresh());
  }

  get isWhole(): boolean {
    return this.#connections.commands.status === 'ready' && this.#connections.channels.isListening;
  }

  carry(runId: string, text: RunText): Disposable {
    const carried = new CarriedText(
      { runId, text, node: this.#node },
      { client: this.#connections.commands, store: this.#store, receiver: this.#receiver },
    );
    this.#carried.set(runId, carried);
    void carried.done.then((isOurs) => {
      if (this.#carried.get(runId) === carried) this.#carried.delete(runId);
      // Also where the rest could not be carried: readers that miss it then ask the database.
      if (isOurs && text.isEnded) this.end(runId, text.length);
    });
    return carried;
  }

  mirror(runId: string, text: RunText): Mirror {
    const mirrored = new MirroredText(
      { runId, text },
      { channels: this.#connections.channels, store: this.#store, receiver: this.#receiver },
    );
    this.#mirrored.set(runId, mirrored);
    return {
      ready: mirrored.ready,
      [Symbol.dispose]: () => {
        if (this.#mirrored.get(runId) === mirrored) this.#mirrored.delete(runId);
        mirrored[Symbol.dispose]();
      },
    };
  }

  add(runId: string, excerpt: Excerpt, whole: () => Promise<readonly Part[]>): void {
    if (this.#connections.commands.status === 'ready') this.#added.add(runId, excerpt, whole);
  }

  end(runId: string, length: number): void {
    this.#ends.add(runId, { runId, length });
  }

  async read(runId: string): Promise<Part[] | null> {
    const stored = await this.#store.read(runId, 0).catch(() => null);
    return stored && stored.excerpt.parts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#connections.commands.status === 'ready') await Promise.race([this.#settled(), delay(PATIENCE_MS)]);
    for (const carried of this.#carried.values()) carried.close();
    for (const mirrored of this.#mirrored.values()) mirrored[Symbol.dispose]();
    this.#ends[Symbol.dispose]();
  }

  /** When the texts that have ended are carried, and their ends are published. */
  async #settled(): Promise<void> {
    for (const carried of this.#carried.values()) carried[Symbol.dispose]();
    await Promise.all([...this.#carried.values()].map(({ done }) => done));
    await this.#ends.done();
  }

  /** Redis was away. An end may be all that was missed, and Redis may have lost it: the database first. */
  async #refresh(): Promise<void> {
    if (this.#mirrored.size > 0) await this.#receiver.lookUp([...this.#mirrored.keys()]);
    for (const mirrored of this.#mirrored.values()) void mirrored.catchUp();
  }
}
