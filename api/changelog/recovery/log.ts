/** The files of a log as a whole: its bases, and the transactions given up at a branch. */
import { BaseEnd, type BaseHead, type ChangesHead, parseHeader } from '../format.ts';
import { findFiles, firstOf, isBase, type LogFile } from './files.ts';
import { readLines } from './lines.ts';
import { LogError, type Notice } from './log-error.ts';
import { lastBytes, readBaseHead, readChangesHead } from './read-file.ts';

export interface Base {
  readonly file: LogFile;
  /** Null where no secrets files were given. */
  readonly secrets: LogFile | null;
  readonly head: BaseHead;
}

export interface Log {
  /** What counts of them, in the order in which they are read. */
  readonly main: readonly LogFile[];
  readonly secrets: readonly LogFile[];
  /** The files may have been handed over without the secrets. */
  readonly hasSecrets: boolean;
  readonly bases: readonly Base[];
}

/** Throws a `LogError` where there is nothing, or a base's first line is wrong. */
export async function openLog(directories: readonly string[], notice: Notice): Promise<Log> {
  const files = await findFiles(directories, notice);
  const counts = (file: LogFile) => {
    if (firstOf(file) <= file.end - (isBase(file) ? 0 : 1)) return true;
    notice({ place: { file: file.path, offset: 0 }, why: 'was written by a process that had been replaced' });
    return false;
  };
  const main = files.main.filter(counts);
  const secrets = files.secrets.filter(counts);
  const hasSecrets = files.secrets.length > 0;
  const whole: Base[] = [];
  for (const file of main.filter(isBase)) {
    const twin = secrets.find((other) => isBase(other) && other.epoch === file.epoch && other.commit === file.commit);
    const head =
      (await isWhole(file)) && (!hasSecrets || (twin && (await isWhole(twin)))) && (await readBaseHead(file));
    if (head) whole.push({ file, secrets: twin ?? null, head });
    else
      notice({
        place: { file: file.path, offset: 0 },
        why: 'is a base that is not whole, or has no secrets beside it',
      });
  }
  const isOf = (bases: readonly Base[]) => (file: LogFile) =>
    !isBase(file) || bases.some((base) => base.file === file || base.secrets === file);
  const bases = await withoutReplaced(main.filter(isOf(whole)), whole, notice);
  const isRead = isOf(bases);
  return { main: main.filter(isRead), secrets: secrets.filter(isRead), hasSecrets, bases };
}

/**
 * A base begins its chain once that is noted in the database. Where its writer was stopped just before, a later epoch goes on with the chain from
 * before the base.
 */
async function withoutReplaced(
  main: readonly LogFile[],
  bases: readonly Base[],
  notice: Notice,
): Promise<readonly Base[]> {
  const replaced = new Set<LogFile>();
  // The last one first: several can follow one another.
  for (const base of bases.filter(beginsChain).toReversed()) {
    const place = main.indexOf(base.file);
    const next = main.slice(place + 1).find((file) => !replaced.has(file));
    const chain = next && next.epoch > base.file.epoch ? await continuedChain(next, bases) : null;
    if (chain === null || chain === base.head.chain) continue;
    for (const file of main.slice(0, place)) {
      if ((await chainOf(file, bases)) !== chain) continue;
      replaced.add(base.file);
      notice({ place: { file: base.file.path, offset: 0 }, why: 'is a base whose writer had been replaced' });
      break;
    }
  }
  return bases.filter(({ file }) => !replaced.has(file));
}

/** Null where a file begins a chain of its own. */
async function continuedChain(file: LogFile, bases: readonly Base[]): Promise<string | null> {
  const base = bases.find((each) => each.file === file);
  return base && beginsChain(base) ? null : chainOf(file, bases);
}

/** Null where its first line is not what it should be, which is reported when it is read. */
async function chainOf(file: LogFile, bases: readonly Base[]): Promise<string | null> {
  if (isBase(file)) return bases.find((base) => base.file === file)?.head.chain ?? null;
  try {
    return (await readChangesHead(file))?.chain ?? null;
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    return null;
  }
}

/** Whether an administrator went on without it at a later branch. */
export function isGivenUp({ bases }: Log, { epoch }: LogFile, commit: number): boolean {
  return bases.some(({ head }) => head.branch !== undefined && head.epoch > epoch && commit > head.branch.after);
}

/** Whether it begins a chain, rather than to stand for files that were removed. */
export const beginsChain = ({ head }: Base) => head.continues === undefined;

/** Of a log that begins with the database and not with a base. Throws a `LogError` where it does not. */
export async function firstHead({ main }: Log): Promise<ChangesHead> {
  const [first] = main;
  if (!first) throw new LogError('There are only secrets files');
  const head = isBase(first) || first.commit > 1 ? null : await readChangesHead(first);
  const place = { file: first.path, offset: 0 };
  if (!head) throw new LogError('The files before it are missing', place);
  if (head.previous !== '') throw new LogError('The base that the log begins with is missing', place);
  return head;
}

/** Longer than the last line of a base, which counts the rows of each table. */
const TAIL_BYTES = 256 * 1024;

/** By its last line alone. */
async function isWhole(file: LogFile): Promise<boolean> {
  const header = parseHeader((await lastLine(file)).toString());
  return header !== null && BaseEnd.safeParse(header.fields).success;
}

async function lastLine(file: LogFile): Promise<Buffer> {
  if (file.isCompressed) {
    let last: Buffer = Buffer.alloc(0);
    for await (const lines of readLines(file)) last = lines.at(-1)?.bytes ?? last;
    return last;
  }
  const bytes = await lastBytes(file.path, TAIL_BYTES);
  return bytes.subarray(bytes.lastIndexOf(10, -2) + 1);
}

/** Where `--until` ends. */
export type Until = { readonly commit: number } | { readonly time: number };

/** Whether what has this number and time is within. Times are of when a transaction began. */
export function isWithin(until: Until | null, commit: number, at: string): boolean {
  if (!until) return true;
  return 'commit' in until ? commit <= until.commit : microsecondsOf(at) <= until.time;
}

/** ISO 8601, with up to six digits after the second; in UTC where it names no offset. */
export function microsecondsOf(time: string): number {
  const found = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:?\d\d)?$/.exec(
    time.trim(),
  );
  const [, day, clock = '00:00', fraction = '', zone = 'Z'] = found ?? [];
  const milliseconds = Date.parse(`${day}T${clock}${zone}`);
  if (Number.isNaN(milliseconds)) throw new LogError(`"${time}" is no time, as 2026-11-29T10:15:30Z`);
  return milliseconds * 1000 + Number(fraction.padEnd(6, '0'));
}

/** The newest base that is not after it; null where a replay has to begin with transaction 1. */
export function baseBefore(log: Log, until: Until | null): Base | null {
  return (
    log.bases.findLast(
      ({ head, file }) => isWithin(until, head.commit, head.at) && !isGivenUp(log, file, head.commit),
    ) ?? null
  );
}
