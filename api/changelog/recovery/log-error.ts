/** What is wrong with the files, and where. */

export interface Place {
  /** A path. */
  readonly file: string;
  /** In bytes; of a compressed file, of what it holds. */
  readonly offset: number;
  readonly commit?: number | undefined;
}

/** Ends the reading: its message is one sentence with the place. */
export class LogError extends Error {
  override name = 'LogError';
  readonly place: Place | null;

  constructor(problem: string, place: Place | null = null, cause?: unknown) {
    super(place ? `${problem} (${placeText(place)}).` : `${problem}.`, { cause });
    this.place = place;
  }
}

export function placeText({ file, offset, commit }: Place): string {
  return `${file}, byte ${offset}${commit === undefined ? '' : `, transaction ${commit}`}`;
}

/** A part of the files that does not count, which is nothing wrong: a sentence about it. */
export interface Ignored {
  readonly place: Place;
  readonly why: string;
}

/** Called with what is ignored. */
export type Notice = (ignored: Ignored) => void;
