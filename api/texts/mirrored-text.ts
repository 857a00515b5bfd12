import type { RunText } from './text.ts';
import type { Channels } from '../redis/channels.ts';
import type { TextReceiver } from './text-wire.ts';
import { appendExcerpt } from './excerpt.ts';
import { parseObject } from '../bus/redis-hints.ts';
import { RunMessage, type TextStore } from './text-store.ts';

/**
 * Follows a text that another node writes. It listens first, then reads what is there, then follows: whatever comes, from the channel,
 * the store or the database, is appended by its offset, so that the order in which it comes does not matter.
 */
export class MirroredText implements Disposable {
  /** Resolves when what was there is in the text, or could not be had. */
  readonly ready: Promise<void>;
  readonly #runId: string;
  readonly #text: RunText;
  readonly #channels: Channels;
  readonly #store: TextStore;
  readonly #receiver: TextReceiver;
  #isClosed = false;
  #isListening = false;
  #isReading = false;
  #mustReadAgain = false;
  /** How long the text is when it is whole. */
  #end = Infinity;

  constructor(
    { runId, text }: { runId: string; text: RunText },
    { channels, store, receiver }: { channels: Channels; store: TextStore; receiver: TextReceiver },
  ) {
    this.#runId = runId;
    this.#text = text;
    this.#channels = channels;
    this.#store = store;
    this.#receiver = receiver;
    this.ready = this.#open();
  }

  get #hasEnded(): boolean {
    return this.#isClosed || this.#text.isEnded;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    if (this.#isListening) this.#channels.close(this.#store.channelOf(this.#runId));
  }

  /** Reads what is missing. A call meanwhile makes it read once more. */
  async catchUp(): Promise<void> {
    this.#mustReadAgain = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#mustReadAgain && !this.#hasEnded) {
      this.#mustReadAgain = false;
      await this.#read();
    }
    this.#isReading = false;
  }

  async #open(): Promise<void> {
    // Many hold a text for a moment only, to look at one that is written here.
    await Promise.resolve();
    if (this.#isClosed) return;
    this.#isListening = true;
    await this.#channels.open(this.#store.channelOf(this.#runId), (message) => this.#receive(message));
    await this.catchUp();
  }

  #receive(message: string): void {
    const said = RunMessage.safeParse(parseObject(message));
    if (!said.success || this.#hasEnded) return;
    if ('end' in said.data) this.#end = said.data.end;
    else if (appendExcerpt(this.#text, said.data)) return this.#endIfWhole();
    else return void this.catchUp();
    this.#endIfWhole();
    if (!this.#hasEnded) void this.catchUp();
  }

  async #read(): Promise<void> {
    const stored = await this.#store.read(this.#runId, this.#text.length).catch(() => null);
    if (this.#hasEnded) return;
    if (stored) {
      appendExcerpt(this.#text, stored.excerpt);
      this.#end = stored.end ?? this.#end;
      this.#endIfWhole();
    }
    // Nothing there is as good as an end that Redis has forgotten, and an end without its text is no end.
    if (!this.#hasEnded && (!stored || this.#end < Infinity)) await this.#receiver.lookUp([this.#runId]);
  }

  #endIfWhole(): void {
    if (this.#text.length >= this.#end) this.#text.end();
  }
}
