/** Which files there are in the directories, in which order they are read, and what of each counts. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { type FileName, parseFileName } from '../format.ts';
import { readLines } from './lines.ts';
import { LogError, type Notice } from './log-error.ts';

export interface LogFile extends FileName {
  readonly name: string;
  readonly path: string;
  /** The first transaction of a later epoch: from it on nothing in this file counts. */
  readonly end: number;
}

/** Main files and secrets files, each in the order in which they are read. */
export interface LogFiles {
  readonly main: readonly LogFile[];
  readonly secrets: readonly LogFile[];
}

/** Of several directories as if they were one. Throws a `LogError` where they hold nothing. */
export async function findFiles(directories: readonly string[], notice: Notice): Promise<LogFiles> {
  const found = new Map<string, Omit<LogFile, 'end'>>();
  for (const directory of directories) {
    for (const name of (await namesIn(directory)).sort()) {
      const path = join(directory, name);
      if (name.endsWith('.sql.tmp') || name.endsWith('.sql.gz.tmp'))
        notice({ place: { file: path, offset: 0 }, why: 'is half a file, whose writer was stopped' });
      const parsed = parseFileName(name);
      if (!parsed) continue;
      const key = name.replace(/\.gz$/, '');
      const file = { ...parsed, name, path };
      const other = found.get(key);
      found.set(key, other ? await longerOf(other, file, notice) : file);
    }
  }
  if (found.size === 0) throw new LogError(`There is no file of a change log in ${directories.join(', ')}`);
  const files = withEnds([...found.values()].sort(inOrder));
  return {
    main: files.filter(({ kind }) => !kind.startsWith('secrets-')),
    secrets: files.filter(({ kind }) => kind.startsWith('secrets-')),
  };
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'There is no directory' : `The directory cannot be read (${code}):`;
    throw new LogError(`${why} ${directory}`, null, cause);
  }
}

type Named = Pick<LogFile, 'kind' | 'commit' | 'epoch'>;

export const isBase = ({ kind }: Named) => kind.endsWith('base');

/** The first transaction after a base, or of a file of changes. */
export const firstOf = (file: Named) => (isBase(file) ? file.commit + 1 : file.commit);

/** A base is read before the changes that follow it. */
function inOrder(one: Named, other: Named): number {
  return one.epoch - other.epoch || firstOf(one) - firstOf(other) || Number(isBase(other)) - Number(isBase(one));
}

function withEnds(files: readonly Omit<LogFile, 'end'>[]): LogFile[] {
  return files.map((file) => ({
    ...file,
    end: Math.min(...files.filter(({ epoch }) => epoch > file.epoch).map(firstOf)),
  }));
}

/**
 * A file can be there twice: compressed and not yet, where its writer was stopped between the two; or copied to another directory while it
 * still grew.
 */
async function longerOf<T extends Omit<LogFile, 'end'>>(one: T, other: T, notice: Notice): Promise<T> {
  const [ones, others] = [bytesOf(one), bytesOf(other)];
  try {
    let [a, b] = [await next(ones), await next(others)];
    let offset = 0;
    for (;;) {
      const length = Math.min(a.length, b.length);
      if (!a.subarray(0, length).equals(b.subarray(0, length)))
        throw new LogError(`Two files have the same name and differ: ${one.path} and`, { file: other.path, offset });
      offset += length;
      [a, b] = [a.subarray(length), b.subarray(length)];
      if (a.length === 0) a = await next(ones);
      if (b.length === 0) b = await next(others);
      if (a.length > 0 && b.length > 0) continue;
      const [longer, shorter] = b.length > 0 ? [other, one] : [one, other];
      notice({ place: { file: shorter.path, offset: 0 }, why: `is a copy of ${longer.path}, or of its beginning` });
      return longer;
    }
  } finally {
    await ones.return(undefined);
    await others.return(undefined);
  }
}

const empty = Buffer.alloc(0);

async function* bytesOf(file: { path: string; isCompressed: boolean }): AsyncGenerator<Buffer, undefined> {
  for await (const lines of readLines(file)) for (const { bytes } of lines) yield bytes;
}

/** Empty at the end. */
async function next(content: AsyncGenerator<Buffer, undefined>): Promise<Buffer> {
  return (await content.next()).value ?? empty;
}
