/** `npm run changelog` for tests, and a small log for it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { onTestFinished } from 'vitest';

import { TestLog } from './change-log.ts';

const main = join(import.meta.dirname, '../changelog/cli/main.ts');
const compileCache = join(import.meta.dirname, '../../scripts/compile-cache.mjs');
export const holder = '0198c000-0000-7000-8000-000000000001';
export const insert = (name: string) =>
  `INSERT INTO "former_handle" ("name", "holder_id", "ended_at") VALUES ('${name}', '${holder}', '2026-11-29T00:00:00Z');`;

export interface Result {
  code: number;
  out: string;
  errors: string;
}

export function changelog(args: string[], env: Record<string, string> = {}, cwd?: string): Promise<Result> {
  const options = { env: { PATH: process.env['PATH'], ...env }, cwd };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--import', compileCache, main, ...args],
      options,
      (error, out, errors) => resolve({ code: error ? Number(error.code) : 0, out, errors }),
    );
  });
}

/** The command's end where its standard output is closed after the first bytes, as `head` does. */
export async function firstLineOf(args: string[]): Promise<Omit<Result, 'out'>> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args]);
  child.stdout.once('data', () => child.stdout.destroy());
  const errors = text(child.stderr);
  const [code] = (await once(child, 'close')) as [number];
  return { code, errors: await errors };
}

export async function someLog(): Promise<TestLog> {
  const log = await TestLog.make();
  await log.base({ statements: [insert('a')] });
  await log.file();
  await log.transaction({ statements: [insert('b')] });
  return log;
}

export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'confab-replayed-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
