/**
 * What carries hints and the text of running runs from node to node. PostgreSQL holds the truth: a wire may lose everything at any
 * time, be away or hang, and the parts of the server that stand on it must come out right all the same. Two halves keep these
 * contracts, memory.ts and Redis (redis-hints.ts, redis-texts.ts), and one suite tries both: conformance.test.ts.
 */
import type { Part } from './parts.ts';
import type { RunText } from './text.ts';
import type { Hint } from '../bus/hints.ts';

/** Carries hints to the other nodes; the bus has delivered them on this one already. */
export interface HintWire {
  /** Never throws, and waits for nothing. In order, as far as it arrives: a hint may be lost, repeated or late. */
  send(hint: Hint): void;
  /** Resolves when what other nodes say from now on is heard here, or else a gap will be reported. Never rejects. */
  ready(): Promise<void>;
  /** False while hints of other nodes may be lost. */
  readonly isWhole: boolean;
}

/** What a wire for hints tells of. */
export interface HintReceiver {
  /** Another node said this. */
  deliver(hint: Hint): void;
  /** Hints may have been lost until now; from here on they are heard again. Time to look at the rows. */
  reportGap(): void;
}

/**
 * Carries the growing texts of runs. Offsets and lengths count UTF-16 code units over all parts. Nothing here throws, rejects or
 * makes a writer wait.
 */
export interface TextWire {
  /**
   * This node writes the text: whatever is appended goes out, and its end when it ends. To be disposed of by whoever stops writing;
   * a text that has ended is carried to its end all the same.
   */
  carry(runId: string, text: RunText): Disposable;
  /** Another node writes it: what is there is appended to `text`, and what comes; each unit once, in order, no pair torn. */
  mirror(runId: string, text: RunText): Mirror;
  /** The database has the end of a run that is not carried here. Whoever carries it can append no more. */
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
  /** The wire cannot tell how these runs stand: ask the database. Resolves when that is done; never rejects. */
  lookUp(runIds: readonly string[]): Promise<void>;
  /** Somebody else owns this run's text, or it has an end. True where the database says that the run is still ours. */
  confirmOwner(runId: string): Promise<boolean>;
}
