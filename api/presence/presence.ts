/**
 * Who is here: people with an open feed on any node. Kept in memory and never stored; nodes exchange it in rounds, and what changed
 * since the last round is passed on.
 */
import { log } from '../log.ts';
import { noPresenceWire, type NodePresence, type PresenceWire } from './presence-wire.ts';

export type Presence = 'ONLINE' | 'AWAY' | 'OFFLINE';

export const ROUND_MS = 2_000;
/** A page that is loaded again, and a feed that goes to another node, are no absence. */
const LINGER_MS = 10_000;
/** Without a word of the other nodes, their people are taken for offline. */
const LONGEST_SILENCE_MS = 15_000;

interface Local {
  active: number;
  feeds: number;
  /** When the last feed closed; null: there is one. */
  leftAt: number | null;
  wasActive: boolean;
}

type Listener = (changed: ReadonlyMap<string, Presence>) => void;

export class Presences {
  readonly #local = new Map<string, Local>();
  #others = new Map<string, Presence>();
  #receivedAt = 0;
  /** As it was passed on in the last round. */
  #announced = new Map<string, Presence>();
  #wire: PresenceWire = noPresenceWire;
  readonly #listeners = new Set<Listener>();
  #isInRound = false;

  /** From now on, this wire connects this node with others. Begins the rounds; returns what ends them. */
  use(wire: PresenceWire): () => void {
    this.#wire = wire;
    const timer = setInterval(() => void this.round(), ROUND_MS).unref();
    return () => {
      clearInterval(timer);
      this.#wire = noPresenceWire;
      this.#others.clear();
    };
  }

  /** A feed of that person is open until this is disposed of. */
  open(personId: string, isActive: boolean): Disposable {
    const local = this.#local.get(personId) ?? { active: 0, feeds: 0, leftAt: null, wasActive: isActive };
    this.#local.set(personId, local);
    local.feeds += 1;
    if (isActive) local.active += 1;
    local.leftAt = null;
    return {
      [Symbol.dispose]: () => {
        local.feeds -= 1;
        if (isActive) local.active -= 1;
        if (local.feeds > 0) return;
        local.leftAt = Date.now();
        local.wasActive = isActive;
      },
    };
  }

  of(personId: string): Presence {
    const here = this.#here(personId);
    if (here === 'ONLINE') return here;
    const elsewhere = this.#others.get(personId) ?? 'OFFLINE';
    return elsewhere === 'OFFLINE' ? here : elsewhere === 'ONLINE' ? elsewhere : 'AWAY';
  }

  /** Called once a round with those whose presence has changed, if there are any. Returns what ends that. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** For tests; else the clock calls it. A long round replaces the next. */
  async round(): Promise<void> {
    if (this.#isInRound) return;
    this.#isInRound = true;
    try {
      this.#forgetGone();
      await this.#exchange();
      this.#announceChanged();
    } finally {
      this.#isInRound = false;
    }
  }

  #here(personId: string): Presence {
    const local = this.#local.get(personId);
    if (!local) return 'OFFLINE';
    const isActive = local.feeds === 0 ? local.wasActive : local.active > 0;
    return isActive ? 'ONLINE' : 'AWAY';
  }

  #forgetGone(): void {
    const now = Date.now();
    for (const [personId, { leftAt }] of this.#local)
      if (leftAt !== null && now - leftAt >= LINGER_MS) this.#local.delete(personId);
  }

  async #exchange(): Promise<void> {
    const own: NodePresence = { online: [], away: [] };
    for (const personId of this.#local.keys())
      (this.#here(personId) === 'ONLINE' ? own.online : own.away).push(personId);
    try {
      const nodes = await this.#wire.exchange(own);
      const others = new Map<string, Presence>();
      for (const { away } of nodes) for (const personId of away) others.set(personId, 'AWAY');
      for (const { online } of nodes) for (const personId of online) others.set(personId, 'ONLINE');
      this.#others = others;
      this.#receivedAt = Date.now();
    } catch (error) {
      log.debug({ error }, 'Asking other nodes for presence failed, retrying');
      if (Date.now() - this.#receivedAt > LONGEST_SILENCE_MS) this.#others.clear();
    }
  }

  #announceChanged(): void {
    const present = new Map<string, Presence>();
    for (const personId of [...this.#local.keys(), ...this.#others.keys()]) present.set(personId, this.of(personId));
    const changed = new Map<string, Presence>();
    for (const [personId, presence] of present)
      if (this.#announced.get(personId) !== presence) changed.set(personId, presence);
    for (const personId of this.#announced.keys()) if (!present.has(personId)) changed.set(personId, 'OFFLINE');
    this.#announced = present;
    if (changed.size > 0) for (const listener of this.#listeners) listener(changed);
  }
}

/** Those of this process. */
export const presences = new Presences();
