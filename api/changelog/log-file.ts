/** One file of changes as its writer has it: begun with a head, appended to, synced, and closed at 64 MB. */
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { version } from '../operations/version.ts';
import { syncDirectory } from './directory.ts';
import { type ChangesHead, digestOfHead, fileName, headerLine, settings } from './format.ts';

/** A file that has grown beyond is closed, and the next transaction begins another one. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/** Thrown where another process has changed, moved or removed the file. */
export class FileDamaged extends Error {
  override name = 'FileDamaged';
}

export type HeadFields = Omit<ChangesHead, 'confab' | 'sha256'>;

export class LogFile {
  readonly name: string;
  readonly #folder: string;
  readonly #handle: FileHandle;
  readonly #largestBytes: number;
  #size = 0;
  #syncedSize = 0;

  private constructor(folder: string, name: string, handle: FileHandle, largestBytes: number) {
    this.#folder = folder;
    this.name = name;
    this.#handle = handle;
    this.#largestBytes = largestBytes;
  }

  /** Fails where there is such a file: no file is ever overwritten. */
  static async begin(folder: string, head: HeadFields, largestBytes = LARGEST_BYTES): Promise<LogFile> {
    const name = fileName(head.kind, head.first, head.epoch);
    const file = new LogFile(folder, name, await open(join(folder, name), 'wx', 0o600), largestBytes);
    try {
      await file.append(headerLine({ confab: version, ...head }, digestOfHead).line + settings);
      await syncDirectory(folder);
      return file;
    } catch (error) {
      await file.abandon();
      throw error;
    }
  }

  get isFull(): boolean {
    return this.#size >= this.#largestBytes;
  }

  /** Throws what the system says, as where the disk is full: then `abandon`. */
  async append(text: string): Promise<void> {
    if (this.#size === this.#syncedSize) await this.#check();
    const bytes = Buffer.from(text);
    for (let from = 0; from < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, from, bytes.length - from, this.#size);
      from += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  /** Throws `FileDamaged` where what is there is not what was written. */
  async sync(): Promise<void> {
    if (this.#size === this.#syncedSize) return;
    await this.#handle.datasync();
    await this.#check();
    this.#syncedSize = this.#size;
  }

  async #check(): Promise<void> {
    const [ours, there] = await Promise.all([
      this.#handle.stat(),
      stat(join(this.#folder, this.name)).catch(() => null),
    ]);
    if (there?.ino !== ours.ino || there.size !== this.#size)
      throw new FileDamaged(`${join(this.#folder, this.name)} was changed, moved or removed by another program.`);
  }

  /** Cuts off what was written since the last `sync`, as far as the disk lets us: it counts for nothing in any case. */
  async abandon(): Promise<void> {
    const path = join(this.#folder, this.name);
    await this.#handle.close().catch(() => undefined);
    await (this.#syncedSize === 0 ? rm(path) : truncate(path, this.#syncedSize)).catch(() => undefined);
  }

  /** Of a file that is whole. Compressed beside it first, so that there is always one of both. */
  async close(isCompressed: boolean): Promise<void> {
    await this.#handle.close();
    if (isCompressed) await compress(this.#folder, this.name);
  }
}

async function compress(folder: string, name: string): Promise<void> {
  const path = join(folder, name);
  const unfinished = `${path}.gz.tmp`;
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(unfinished, { mode: 0o600 }));
    const file = await open(unfinished, 'r');
    await file.sync();
    await file.close();
    await rename(unfinished, `${path}.gz`);
  } catch (error) {
    // It may be what fills the disk.
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
  await rm(path);
  await syncDirectory(folder);
}
