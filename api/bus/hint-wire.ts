/**
 * The contract of what carries hints from node to node. A wire may lose everything at any time, be unreachable or hang: PostgreSQL holds
 * the truth, and readers of hints must come out right all the same. Implementations: none (one node) and redis-hints.ts; both are
 * tested by testing/conformance.test.ts.
 */
import type { Hint } from './hints.ts';

/** Carries hints to the other nodes; the bus has delivered them on this one already. */
export interface HintWire {
  /** Never throws, and waits for nothing. In order, as far as it arrives: a hint may be lost, repeated or late. */
  send(hint: Hint): void;
  /** Resolves when hints of other nodes are received here from now on, or else a gap will be reported. Never rejects. */
  ready(): Promise<void>;
  /** False while hints of other nodes may be lost. */
  readonly isWhole: boolean;
}

/** The callbacks of a wire for hints. */
export interface HintReceiver {
  /** Another node said this. */
  deliver(hint: Hint): void;
  /** Hints may have been lost until now; from here on they are received again. Read the rows. */
  reportGap(): void;
}

/** For one node without Redis. Other processes on the same database are seen through the database alone. */
export const noHintWire: HintWire = {
  send() {},
  ready: () => Promise.resolve(),
  isWhole: true,
};
