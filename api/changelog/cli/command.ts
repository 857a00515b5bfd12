/** One command of `npm run changelog`. */
import type { ParseArgsOptionsConfig } from 'node:util';

export interface Command {
  /** What `--help` says. */
  readonly help: string;
  readonly options: ParseArgsOptionsConfig;
  /** Resolves to the exit code. */
  run(values: Values, directories: readonly string[]): Promise<number>;
}

export type Values = Readonly<Record<string, string | boolean | undefined>>;

/** The command was called in a way that it does not know. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  if (value === '') throw new UsageError(`--${name} is empty.`);
  return typeof value === 'string' ? value : undefined;
}

export function requireDirectories(directories: readonly string[]): void {
  if (directories.length === 0) throw new UsageError('Name the directory of the files.');
}
