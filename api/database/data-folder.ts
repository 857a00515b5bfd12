/** The folder of the embedded database: what keeps it from being used, in a sentence that says what to do. */
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { SettingError } from '../env.ts';

/** PGlite's own files and the first write-ahead log. */
const NEW_DATABASE_BYTES = 64 * 1024 * 1024;
/** Less than that, and PostgreSQL stops at the first write. */
const LEAST_BYTES = 1024 * 1024;

/** Makes the folder and writes to it once. Throws a `SettingError`. */
export function prepareDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    const probe = mkdtempSync(join(folder, 'write-test-'));
    try {
      writeFileSync(join(probe, 'file'), Buffer.alloc(64 * 1024));
    } finally {
      rmSync(probe, { recursive: true, force: true });
    }
  } catch (cause) {
    throw dataFolderError(folder, codeOf(cause, folder), cause);
  }
}

/** Node's recursive mkdir says ENOENT for every failure: the real cause comes from the nearest existing folder above. */
function codeOf(cause: unknown, folder: string): string {
  const { code = '' } = cause as NodeJS.ErrnoException;
  if (code !== 'ENOENT') return code;
  let above = folder;
  while (!existsSync(above)) above = dirname(above);
  try {
    accessSync(above, constants.W_OK);
    return code;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? code;
  }
}

/** Not all of PGlite's errors say that the disk is full: whether the folder has too little room left to go on, or to begin. */
export function isTooFull(folder: string, isNew: boolean): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < (isNew ? NEW_DATABASE_BYTES : LEAST_BYTES);
}

/** A statement that failed gives back what it took: there may be room again, and the error alone says so. */
export function isOutOfRoom(folder: string, cause: unknown): boolean {
  return /check free disk space|no space left/i.test(String(cause)) || isTooFull(folder, false);
}

/** By the code of Node's error. */
export function dataFolderError(folder: string, code: string, cause?: unknown): SettingError {
  return new SettingError(`The data folder ${folder} ${problemOf(code)}, or set DATA_DIR to another folder.`, {
    cause,
  });
}

function problemOf(code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `may not be written (${code}): give the user who runs Confab the right to write there`;
    case 'EROFS':
      return 'is on a read-only file system: mount it for writing';
    case 'ENOSPC':
    case 'EDQUOT':
      return `has no room left (${code}): free some space there, 100 MB for a new database`;
    case 'EEXIST':
    case 'ENOTDIR':
      return 'cannot be made, since there is a file of that name: move that away';
    default:
      return `cannot be made or written (${code || 'for an unknown reason'}): correct that`;
  }
}
