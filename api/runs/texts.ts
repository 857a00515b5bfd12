/** The texts of the runs that go on, or that somebody is reading to the end. */
import { requestIdNow } from '../request-id.ts';
import { RunText } from './text.ts';

const held = new Map<string, { text: RunText; holders: Map<object, string> }>();

export interface HeldText extends Disposable {
  readonly text: RunText;
}

/**
 * The same text for everyone who holds it. Hold it *before* you look into the database: if the row then says that the run goes on,
 * the text you hold is the one that is being written.
 */
export function holdText(runId: string): HeldText {
  const entry = held.get(runId) ?? { text: new RunText(), holders: new Map() };
  const holder = {};
  entry.holders.set(holder, requestIdNow());
  held.set(runId, entry);
  return {
    text: entry.text,
    [Symbol.dispose]() {
      entry.holders.delete(holder);
      if (entry.holders.size === 0) held.delete(runId);
    },
  };
}

/** For whoever settled a run that nobody here performs: its readers must hear of the end. */
export function endText(runId: string): void {
  held.get(runId)?.text.end();
}

/** By which request each holder holds it: the one that performs it has some request's id too, or one of its own. */
export function requestsHolding(runId: string): string[] {
  return [...(held.get(runId)?.holders.values() ?? [])];
}

export function heldRunIds(): string[] {
  return [...held.keys()];
}

/** For tests that look for leaks. */
export function heldTextCount(): number {
  return held.size;
}
