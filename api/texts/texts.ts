/** The texts of active runs, and of ended runs that still have readers, on whatever node they are written. */
import { setTimeout as delay } from 'node:timers/promises';

import { appendExcerpt, type Excerpt, wholeOf } from './excerpt.ts';
import { type Mirror, noTextWire, type TextReceiver, type TextWire } from './text-wire.ts';
import { log } from '../log.ts';
import { lengthOf, type Part } from './parts.ts';
import { requestIdNow } from '../operations/request-id.ts';
import { RunText } from './text.ts';

/** How often the database is asked for ends that were not reported. */
const POLL_ENDS_MS = 15_000;
/** The same, and for what checkpoints hold, while other nodes' texts come from nowhere else. */
const POLL_ALONE_MS = 2_000;

/** What the database knows of runs. */
export interface StoredTexts {
  /**
   * Of runs that are over their whole text; of others what the last checkpoint holds, asked for with `checkpoints`, which of an answer
   * that a service agent writes is all there is, and comes in any case. A run that is gone is over, and empty.
   */
  find(
    runIds: readonly string[],
    options: { checkpoints: boolean },
  ): Promise<{ runId: string; parts: readonly Part[]; isEnded: boolean }[]>;
  /** Whether this node is to write the run's text. */
  isOurs(runId: string): Promise<boolean>;
}

export interface TextHandle extends Disposable {
  readonly text: RunText;
  /** Written on this node: what it has is all there is. Else it may lag behind what its readers have seen elsewhere. */
  readonly isOurs: boolean;
  /** Resolves when what is known elsewhere has come, or cannot be had at present; or when the text has become ours. */
  readonly ready: Promise<void>;
}

/** One text and all who hold it on this node. */
interface Shared {
  readonly runId: string;
  readonly text: RunText;
  holders: Map<object, string>;
  isOurs: boolean;
  /** What carries it to the other nodes, or from them. */
  link: Disposable;
  ready: Promise<void>;
  /** Ends the wait for what is known elsewhere. */
  beReady: () => void;
}

export class RunTexts implements TextReceiver {
  readonly #held = new Map<string, Shared>();
  #wire: TextWire = noTextWire;
  #stored: StoredTexts | null = null;

  /** From now on, texts travel over this wire. Returns what ends that. */
  use(wire: TextWire, stored: StoredTexts): () => void {
    this.#wire = wire;
    this.#stored = stored;
    let askedAt = Date.now();
    const asking = setInterval(() => {
      if (wire.isWhole && Date.now() - askedAt < POLL_ENDS_MS) return;
      askedAt = Date.now();
      void this.lookUp([...this.#held.keys()]);
    }, POLL_ALONE_MS).unref();
    return () => {
      clearInterval(asking);
      this.#wire = noTextWire;
      this.#stored = null;
    };
  }

  /**
   * The same text for everyone who holds it. Hold it *before* you look into the database: if the row then says that the run goes on,
   * the text you hold is the one that is being written, here or elsewhere.
   */
  hold(runId: string): TextHandle {
    const shared = this.#held.get(runId) ?? this.#open(runId);
    const holder = {};
    shared.holders.set(holder, requestIdNow());
    return heldOf(shared, () => this.#release(shared, holder));
  }

  /** The same for the writer, once the database says that this node owns the run: the text goes out to the other nodes. */
  own(runId: string): TextHandle {
    const held = this.hold(runId);
    const shared = this.#held.get(runId) as Shared;
    shared.isOurs = true;
    shared.beReady();
    shared.link[Symbol.dispose]();
    shared.link = this.#wire.carry(runId, shared.text);
    return heldOf(shared, () => {
      shared.isOurs = false;
      shared.link[Symbol.dispose]();
      // Readers of a run that another node took over receive its end from there.
      if (!shared.text.isEnded && shared.holders.size > 1) this.#mirror(shared);
      held[Symbol.dispose]();
    });
  }

  /** After the end of a run is in the database, with these parts: its readers receive the end, here and elsewhere. */
  end(runId: string, parts: readonly Part[]): void {
    const shared = this.#held.get(runId);
    if (shared) endWith(shared.text, parts);
    if (!shared?.isOurs) this.#wire.end(runId, lengthOf(parts));
  }

  /** More of a text that is written by no node: the database has it already, and its readers receive it, here and elsewhere. */
  add(runId: string, excerpt: Excerpt): void {
    const shared = this.#held.get(runId);
    const isAppended = !shared || shared.text.isEnded || appendExcerpt(shared.text, excerpt);
    // Words before it, which another node received, are missing.
    if (!isAppended) void this.lookUp([runId]);
    this.#wire.add(runId, excerpt, async () => {
      const [found] = (await this.#stored?.find([runId], { checkpoints: true })) ?? [];
      return found && !found.isEnded ? found.parts : [];
    });
  }

  /** The longest that any node knows; null where nothing is known. */
  async soFar(runId: string): Promise<readonly Part[] | null> {
    const here = this.#held.get(runId)?.text.parts ?? null;
    const elsewhere = await this.#wire.read(runId);
    return elsewhere && lengthOf(elsewhere) > lengthOf(here ?? []) ? elsewhere : here;
  }

  /** Another node settled it, or it is gone: the readers here receive the end as the database has it. */
  async lose(runId: string): Promise<void> {
    if (await this.confirmOwner(runId)) return;
    await this.lookUp([runId]);
  }

  requestsHolding(runId: string): string[] {
    return [...(this.#held.get(runId)?.holders.values() ?? [])];
  }

  get runIds(): string[] {
    return [...this.#held.keys()];
  }

  /** For tests that look for leaks. */
  get count(): number {
    return this.#held.size;
  }

  async lookUp(runIds: readonly string[]): Promise<void> {
    const waiting = runIds.filter((runId) => this.#isWaiting(runId));
    if (waiting.length === 0 || !this.#stored) return;
    try {
      const found = await this.#stored.find(waiting, { checkpoints: !this.#wire.isWhole });
      for (const { runId, parts, isEnded } of found) {
        const shared = this.#held.get(runId);
        if (!shared || !this.#isWaiting(runId)) continue;
        if (isEnded) endWith(shared.text, parts);
        else appendExcerpt(shared.text, wholeOf(parts));
      }
    } catch (error) {
      log.warn({ error }, 'Reading run statuses failed');
    }
  }

  async confirmOwner(runId: string): Promise<boolean> {
    for (let shared = this.#held.get(runId); shared?.isOurs && this.#stored; shared = this.#held.get(runId)) {
      try {
        if (await this.#stored.isOurs(runId)) return true;
        shared.isOurs = false;
        await this.lookUp([runId]);
      } catch (error) {
        log.warn({ runId, error }, 'Reading the run owner failed');
        await delay(1_000);
      }
    }
    return false;
  }

  #isWaiting(runId: string): boolean {
    const shared = this.#held.get(runId);
    return shared !== undefined && !shared.isOurs && !shared.text.isEnded;
  }

  #open(runId: string): Shared {
    const text = new RunText();
    const shared: Shared = {
      runId,
      text,
      holders: new Map(),
      isOurs: false,
      ...waitFor(this.#mirrorOf(runId, text)),
    };
    this.#held.set(runId, shared);
    return shared;
  }

  #mirror(shared: Shared): void {
    Object.assign(shared, waitFor(this.#mirrorOf(shared.runId, shared.text)));
  }

  /** Where no other node can be asked, the database is: it has what service agents write. */
  #mirrorOf(runId: string, text: RunText): Mirror {
    const mirror = this.#wire.mirror(runId, text);
    if (this.#wire.isWhole) return mirror;
    const ready = mirror.ready.then(() => this.lookUp([runId]));
    return { ready, [Symbol.dispose]: () => mirror[Symbol.dispose]() };
  }

  #release(shared: Shared, holder: object): void {
    shared.holders.delete(holder);
    if (shared.holders.size > 0) return;
    this.#held.delete(shared.runId);
    shared.link[Symbol.dispose]();
  }
}

function waitFor(mirror: Mirror): Pick<Shared, 'link' | 'ready' | 'beReady'> {
  const { promise: ready, resolve: beReady } = Promise.withResolvers<void>();
  void mirror.ready.then(beReady);
  return { link: mirror, ready, beReady };
}

function heldOf(shared: Shared, release: () => void): TextHandle {
  return {
    text: shared.text,
    get isOurs() {
      return shared.isOurs;
    },
    get ready() {
      return shared.isOurs ? Promise.resolve() : shared.ready;
    },
    [Symbol.dispose]: release,
  };
}

/** What was stored is the last word: what is missing of it comes first. */
function endWith(text: RunText, parts: readonly Part[]): void {
  if (!text.isEnded) appendExcerpt(text, wholeOf(parts));
  text.end();
}

export const runTexts = new RunTexts();

export function openText(runId: string): TextHandle {
  return runTexts.hold(runId);
}

export function openTextForWriting(runId: string): TextHandle {
  return runTexts.own(runId);
}

export function endText(runId: string, parts: readonly Part[]): void {
  runTexts.end(runId, parts);
}

export function giveUpText(runId: string): Promise<void> {
  return runTexts.lose(runId);
}

/** Of an answer that a service agent writes, after it is stored. */
export function addToText(runId: string, excerpt: Excerpt): void {
  runTexts.add(runId, excerpt);
}

/** The request id of each holder; the performer has a request's id too, or one of its own. */
export function requestsHolding(runId: string): string[] {
  return runTexts.requestsHolding(runId);
}

export function openRunIds(): string[] {
  return runTexts.runIds;
}

/** For settling another node's run: its text as far as any node knows it, which may be more than the last checkpoint. */
export function textSoFar(runId: string): Promise<readonly Part[] | null> {
  return runTexts.soFar(runId);
}

/** For tests that look for leaks. */
export function openTextCount(): number {
  return runTexts.count;
}
