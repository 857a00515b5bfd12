/**
 * Hints between the parts of the server: identifiers, never rows. A hint may be lost, repeated or late; whoever must be sure also
 * looks at the rows. In memory here: one process.
 */
import { EventEmitter } from 'node:events';

export interface Hints {
  /** With those who may see it, so that nobody else's feed has to look. */
  chatChanged: [chatId: string, revision: number, memberIds: readonly string[]];
  runQueued: [runId: string];
  runStopRequested: [runId: string];
  /** Somebody's: whoever serves a long stream looks at the sessions again. */
  accessEnded: [];
  /** Somebody is reading its words, on whatever node. */
  runWatched: [runId: string];
}

export type Hint = { [Name in keyof Hints]: [name: Name, ...identifiers: Hints[Name]] }[keyof Hints];

const emitter = new EventEmitter<Hints>().setMaxListeners(0);

export const bus = {
  publish<Name extends keyof Hints>(name: Name, ...identifiers: Hints[Name]): void {
    // TypeScript cannot see through the emitter's conditional types for a generic name.
    (emitter as EventEmitter).emit(name, ...identifiers);
  },

  /** Returns what takes the listener away again. */
  listen<Name extends keyof Hints>(name: Name, listener: (...identifiers: Hints[Name]) => void): () => void {
    (emitter as EventEmitter).on(name, listener);
    return () => (emitter as EventEmitter).off(name, listener);
  },

  /** For tests that look for leaks. */
  listenerCount(): number {
    return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
  },
};
