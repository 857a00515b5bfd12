/**
 * Hints between the parts of the server: identifiers, never rows. A hint may be lost, repeated or late; a listener that must be sure also
 * looks at the rows. Delivered on this node at once, and carried to the others where there are any.
 */
import { EventEmitter } from 'node:events';

import { type HintReceiver, type HintWire, noHintWire } from './hint-wire.ts';
import { type Hint, type Hints, travels } from './hints.ts';
import { log } from '../log.ts';

export type { Hint, Hints } from './hints.ts';

export class Bus implements HintReceiver {
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  readonly #gaps = new Set<() => void>();
  #wire: HintWire = noHintWire;

  /** From now on, hints travel over this wire. Listeners stay. */
  use(wire: HintWire): void {
    this.#wire = wire;
  }

  /** Never throws and never waits: what a listener makes of it is the listener's. */
  publish<Name extends keyof Hints>(name: Name, ...identifiers: Hints[Name]): void {
    // TypeScript cannot see that a generic name and its identifiers are one of the hints.
    const hint = [name, ...identifiers] as unknown as Hint;
    this.deliver(hint);
    if (travels(hint)) this.#wire.send(hint);
  }

  /** Returns what takes the listener away again. */
  listen<Name extends keyof Hints>(name: Name, listener: (...identifiers: Hints[Name]) => void): () => void {
    this.#emitter.on(name, listener);
    return () => this.#emitter.off(name, listener);
  }

  /** Called when hints of other nodes may have been lost until now. Returns what takes the listener away again. */
  onGap(listener: () => void): () => void {
    // A function of its own, so that two who listen with the same one are two.
    const call = () => listener();
    this.#gaps.add(call);
    return () => this.#gaps.delete(call);
  }

  /** Await it between listening and the first read of rows: the hint of a change after that read is then received, or a gap is reported. */
  ready(): Promise<void> {
    return this.#wire.ready();
  }

  /** False while disconnected from the other nodes: then silence proves nothing. */
  get isWhole(): boolean {
    return this.#wire.isWhole;
  }

  deliver([name, ...identifiers]: Hint): void {
    for (const listener of this.#emitter.listeners(name)) attempt(name, () => listener(...identifiers));
  }

  reportGap(): void {
    for (const listener of this.#gaps) attempt('gap', listener);
  }

  /** For tests that look for leaks. */
  listenerCount(): number {
    const names = this.#emitter.eventNames();
    return this.#gaps.size + names.reduce((sum, name) => sum + this.#emitter.listenerCount(name), 0);
  }
}

/** One listener's fault is not the others', and not the publisher's. */
function attempt(name: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    log.error({ hint: name, error }, 'A listener to hints failed');
  }
}

export const bus = new Bus();
