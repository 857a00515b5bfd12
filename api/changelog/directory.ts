/** The directory of the files: made private, listed, measured and thinned out. */
import { open, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { newId } from '../ids.ts';
import { type FileName, parseFileName } from './format.ts';

/** Its own name, so that an emptied directory is distinguished from another node's. */
const ID_FILE = 'directory-id';

/** Makes the directory where it is missing, for its owner alone. Resolves to its id. */
export async function openDirectory(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, ID_FILE);
  try {
    const file = await open(path, 'wx', 0o600);
    const id = newId();
    await file.writeFile(`${id}\n`);
    await file.sync();
    await file.close();
    return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const id = (await readFile(path, 'utf8')).trim();
    if (isId(id)) return id;
    // The process that made it was stopped before it was written, or the disk was full.
    await rm(path, { force: true });
    return openDirectory(folder);
  }
}

const isId = (text: string) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text);

export interface ListedFile extends FileName {
  readonly name: string;
}

/** In the order of their epochs, bases before changes of the same number. */
export async function listFiles(folder: string): Promise<ListedFile[]> {
  const names = await namesIn(folder);
  const files = names.flatMap((name) => {
    const parsed = parseFileName(name);
    return parsed ? [{ name, ...parsed }] : [];
  });
  return files.toSorted(
    (one, other) => one.epoch - other.epoch || one.commit - other.commit || one.kind.localeCompare(other.kind),
  );
}

/** 0 where there is no file. */
export async function lastEpoch(folder: string): Promise<number> {
  return Math.max(0, ...(await listFiles(folder)).map(({ epoch }) => epoch));
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

export async function sizeOf(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await listFiles(folder)).map(({ name }) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * Removes what a base has: the writer of a base begins a new file after it, so that files which begin at or before it hold nothing later. Of
 * other epochs too: what does not count of them is from before the base as well.
 */
export async function removeFilesUntil(folder: string, commit: number): Promise<void> {
  for (const name of await namesIn(folder)) {
    // Half a file that was left by a process which was killed holds the same words.
    const file = parseFileName(name.replace(/\.tmp$/, ''));
    if (file && (file.kind.endsWith('base') ? file.commit < commit : file.commit <= commit))
      await rm(join(folder, name), { force: true });
  }
  await syncDirectory(folder);
}

/** A new name in a directory is lost by a power cut until the directory itself is synced. */
export async function syncDirectory(folder: string): Promise<void> {
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
