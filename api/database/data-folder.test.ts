import fs, { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { openConfab } from '../confab.ts';
import { dataFolderError, isOutOfRoom, isTooFull } from './data-folder.ts';
import { openDatabase } from './db.ts';

test.for([
  ['EACCES', 'may not be written'],
  ['EPERM', 'may not be written'],
  ['EROFS', 'read-only'],
  ['ENOSPC', 'no room left'],
  ['EDQUOT', 'no room left'],
  ['EEXIST', 'a file of that name'],
  ['ENOTDIR', 'a file of that name'],
  ['EIO', 'EIO'],
] as const)('%s is said in a sentence with the folder and what to do', ([code, words]) => {
  const { name, message } = dataFolderError('/data', code);
  expect(name).toBe('SettingError');
  expect(message).toContain('The data folder /data ');
  expect(message).toContain(words);
  expect(message).toContain('set DATA_DIR');
});

describe('where a disk has little room left', () => {
  const MiB = 1024 * 1024;
  let folder: string;
  let free: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'confab-full-'));
    free = 0;
    vi.spyOn(fs, 'statfsSync').mockImplementation(() => ({ bavail: free / 4096, bsize: 4096 }) as fs.StatsFs);
    syncBuiltinESMExports();
  });

  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a new database needs more of it than one that is there', () => {
    const tooFull = () => [isTooFull(folder, true), isTooFull(folder, false)];
    expect(tooFull()).toEqual([true, true]);
    free = MiB;
    expect(tooFull()).toEqual([true, false]);
    free = 64 * MiB;
    expect(tooFull()).toEqual([false, false]);
  });

  test('a statement that had too little tells so, though what it took is free again', () => {
    free = 64 * MiB;
    const message = 'Error: ERROR: could not extend file "base/5/1"\nHINT: Check free disk space.';
    expect(isOutOfRoom(folder, new Error(message))).toBe(true);
    expect(isOutOfRoom(folder, new Error('relation "chat" exists'))).toBe(false);
    free = 0;
    expect(isOutOfRoom(folder, new Error('relation "chat" exists'))).toBe(true);
  });

  test('half of a new database is removed, and the reason named', async () => {
    vi.spyOn(PGlite, 'create').mockImplementation((options) => {
      const { dataDir = '' } = options as { dataDir?: string };
      fs.mkdirSync(dataDir);
      fs.writeFileSync(join(dataDir, 'PG_VERSION'), '17');
      return Promise.reject(new Error('PGlite failed to initialize properly'));
    });
    await expect(openDatabase({ folder })).rejects.toThrow(dataFolderError(folder, 'ENOSPC').message);
    expect(existsSync(join(folder, 'pglite'))).toBe(false);
    free = 64 * MiB;
    await expect(openDatabase({ folder })).rejects.toThrow('PGlite failed to initialize properly');
    expect(existsSync(join(folder, 'pglite'))).toBe(false);
  });

  test('a database that was there is left as it is', async () => {
    fs.mkdirSync(join(folder, 'pglite'));
    fs.writeFileSync(join(folder, 'pglite', 'PG_VERSION'), '17');
    vi.spyOn(PGlite, 'create').mockRejectedValue(new Error('PGlite failed to initialize properly'));
    await expect(openDatabase({ folder })).rejects.toThrow(dataFolderError(folder, 'ENOSPC').message);
    expect(readFileSync(join(folder, 'pglite', 'PG_VERSION'), 'utf8')).toBe('17');
  });

  test('migrations that had too little room say so', async () => {
    vi.spyOn(PGlite.prototype, 'exec').mockRejectedValue(new Error('could not write to file'));
    await expect(openConfab({ database: { folder } })).rejects.toThrow(dataFolderError(folder, 'ENOSPC').message);
  });
});
