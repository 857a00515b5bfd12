/**
 * The contract of what carries the growing texts of runs from node to node. A wire may lose everything at any time, be unreachable or
 * hang: the checkpoints in PostgreSQL hold the truth. Implementations: none (one node) and redis-texts.ts; both are tested by
 * testing/conformance.test.ts.
 */
import type { Excerpt } from './excerpt.ts';
import type { Part } from './parts.ts';
import type { RunText } from './text.ts';

/**
 * Carries the growing texts of runs. Offsets and lengths count UTF-16 code units over all parts. Nothing here throws, rejects or
 * makes a writer wait.
 */
export interface TextWire {
  /**
   * This node writes the text: whatever is appended goes out, and its end when it ends. To be disposed of when this node stops writing;
   * a text that has ended is carried to its end all the same.
   */
  carry(runId: string, text: RunText): Disposable;
  /** Another node writes it: what is there is appended to `text`, and what comes; each unit once, in order, no pair torn. */
  mirror(runId: string, text: RunText): Mirror;
  /**
   * More of a text that no node owns: whichever was sent it stored it, and passes it on. `whole` reads the text from the database, where
   * others miss what came before.
   */
  add(runId: string, excerpt: Excerpt, whole: () => Promise<readonly Part[]>): void;
  /** The database has the end of a run that is not carried here. A node that carries it can append no more. */
  end(runId: string, length: number): void;
  /** The text as far as it is known; null where nothing is known of it, or cannot be asked at present. */
  read(runId: string): Promise<Part[] | null>;
  /** False while texts of other nodes cannot be had: then the checkpoints in the database are the best there is. */
  readonly isWhole: boolean;
}

export interface Mirror extends Disposable {
  /** Resolves when what was there at first is in the text, or cannot be had at present. Never rejects. */
  readonly ready: Promise<void>;
}

/** What a wire for texts asks back. */
export interface TextReceiver {
  /** The wire does not know the state of these runs: ask the database. Resolves when that is done; never rejects. */
  lookUp(runIds: readonly string[]): Promise<void>;
  /** Another node owns this run's text, or it has an end. True where the database says that the run is still ours. */
  confirmOwner(runId: string): Promise<boolean>;
}

const nothing: Mirror = { ready: Promise.resolve(), [Symbol.dispose]() {} };

/** For one node without Redis: its own memory holds all there is. */
export const noTextWire: TextWire = {
  carry: () => nothing,
  mirror: () => nothing,
  add() {},
  end() {},
  read: () => Promise.resolve(null),
  isWhole: false,
};
