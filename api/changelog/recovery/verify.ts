/** Whether the files are as they were written, from the first to the last. */
import { firstOf, isBase, type LogFile } from './files.ts';
import { type Base, beginsChain, firstHead, type Log, openLog } from './log.ts';
import { type Ignored, LogError, type Notice, type Place } from './log-error.ts';
import { readLog } from './read-log.ts';

export interface Verification {
  /** The first place that is wrong, and the first in each chain that begins after it. */
  readonly problems: readonly LogError[];
  /** Places that do not count, which is nothing wrong. */
  readonly ignored: readonly Ignored[];
  readonly hasSecrets: boolean;
  readonly transactions: number;
  /** The last transaction that counts, or the base where none follows it. */
  readonly last: Last | null;
}

export interface Last {
  readonly commit: number;
  readonly at: string;
  readonly sha256: string;
}

/** What is going on, for a progress bar: where the reader of `log` is. */
export type Progress = (log: Log, place: Place) => void;

export async function verify(
  directories: readonly string[],
  progress: Progress = () => undefined,
): Promise<Verification> {
  const ignored: Ignored[] = [];
  const problems: LogError[] = [];
  const notice = (part: Ignored) => void ignored.push(part);
  let transactions = 0;
  let last: Last | null = null;

  const log = await caught(problems, () => openLog(directories, notice));
  if (!log) return { problems, ignored, hasSecrets: false, transactions, last };
  let from = await caught(problems, () => firstChain(log, notice));
  while (from) {
    const { base }: ChainStart = from;
    const isRead = await caught(problems, async () => {
      for await (const piece of readLog(log, base, notice)) {
        if (piece.what === 'statements') continue;
        progress(log, piece.place);
        if (piece.what === 'end') continue;
        const { commit, at, sha256 } = piece.what === 'base' ? piece.head : piece.header;
        if (piece.what === 'transaction') transactions += 1;
        last = { commit, at, sha256 };
      }
      return true;
    });
    from = isRead ? null : nextChain(log, problems.at(-1)?.place ?? null, base);
  }
  return { problems, ignored, hasSecrets: log.hasSecrets, transactions, last };
}

async function caught<T>(problems: LogError[], work: () => T | Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    problems.push(error);
    return null;
  }
}

/** Null: with the first file, which begins with transaction 1 or is left from before a base. */
interface ChainStart {
  readonly base: Base | null;
}

async function firstChain(log: Log, notice: Notice): Promise<ChainStart> {
  const [first] = log.main;
  const base = log.bases.find(({ file }) => file === first) ?? null;
  const [next] = log.bases;
  if (first === undefined) throw new LogError('There are only secrets files');
  if (base) return { base };
  if (isBase(first) || first.commit <= 1 || !next || beginsChain(next)) await firstHead(log);
  else
    notice({
      place: { file: first.path, offset: 0 },
      why: `holds what the base after transaction ${next.head.commit} stands for, and can be removed`,
    });
  return { base };
}

/** After a problem: a new chain may have been begun because of it. */
function nextChain(log: Log, problem: Place | null, current: Base | null): ChainStart | null {
  const failed = [...log.main, ...log.secrets].find(({ path }) => path === problem?.file);
  if (!failed) return null;
  const isAfter = (file: LogFile) =>
    file.epoch > failed.epoch ||
    (file.epoch === failed.epoch && firstOf(file) > firstOf(failed)) ||
    // The base itself may be right, and what is before it missing.
    file === failed;
  const base = log.bases.find((base) => base !== current && beginsChain(base) && isAfter(base.file));
  return base ? { base } : null;
}
