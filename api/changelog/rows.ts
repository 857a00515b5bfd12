/**
 * A row as `to_jsonb` made text of it, read without a loss: a number keeps its digits. Whole numbers beyond 2^53, and decimals with
 * their zeros, would come out of `JSON.parse` as others.
 */

/** A number as it was written. `JSON.stringify` writes it so again. */
export interface RawNumber {
  readonly rawJSON: string;
}

export type Row = Readonly<Record<string, unknown>>;

/** What TypeScript's library does not have yet of Node 24. */
const lossless = JSON as unknown as {
  rawJSON(text: string): RawNumber;
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
};

/**
 * All numbers that `JSON.parse` could get wrong. They follow a colon, a bracket or a comma, as times in texts do not; a text with such a thing
 * in it costs only time.
 */
const mayLose = /[:[,]\s*-?\d+(?:[.eE]|\d{15})/;

export function parseRow(text: string): Row {
  if (!mayLose.test(text)) return JSON.parse(text) as Row;
  return lossless.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? lossless.rawJSON(source) : value,
  ) as Row;
}

/** The same for two values of one column, whatever they are. */
export function isSame(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other));
}
