/** The texts of the runs that go on, or that somebody is reading to the end. */
import { RunText } from './text.ts';

const held = new Map<string, { text: RunText; holders: number }>();

export interface HeldText extends Disposable {
  readonly text: RunText;
}

/**
 * The same text for everyone who holds it. Hold it *before* you look into the database: if the row then says that the run goes on,
 * the text you hold is the one that is being written.
 */
export function holdText(runId: string): HeldText {
  const entry = held.get(runId) ?? { text: new RunText(), holders: 0 };
  entry.holders += 1;
  held.set(runId, entry);
  return {
    text: entry.text,
    [Symbol.dispose]() {
      entry.holders -= 1;
      if (entry.holders === 0) held.delete(runId);
    },
  };
}

/** For whoever settled a run that nobody here performs: its readers must hear of the end. */
export function endText(runId: string): void {
  held.get(runId)?.text.end();
}

/** For tests that look for leaks. */
export function heldTextCount(): number {
  return held.size;
}
