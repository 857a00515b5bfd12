/** A file of the log line by line, compressed or not, in as much memory as its longest line takes. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

import { LogError } from './log-error.ts';

export interface Line {
  /** With its newline, which the last one of a file may lack. */
  readonly bytes: Buffer;
  readonly offset: number;
}

const NEWLINE = 10;
const CHUNK_BYTES = 256 * 1024;
/** No row is as large: a message has at most 100,000 characters. */
const LONGEST_LINE = 128 * 1024 * 1024;

export interface FileToRead {
  readonly path: string;
  readonly isCompressed: boolean;
}

/** In pieces of some lines, since one step for each line costs more than to read it. */
export async function* readLines({ path, isCompressed }: FileToRead): AsyncGenerator<Line[]> {
  let offset = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of readChunks(path, isCompressed)) {
    const lines: Line[] = [];
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      const piece = chunk.subarray(from, to + 1);
      const bytes = restBytes > 0 ? Buffer.concat([...rest, piece]) : piece;
      [rest, restBytes, from] = [[], 0, to + 1];
      lines.push({ bytes, offset });
      offset += bytes.length;
    }
    if (from < chunk.length) {
      rest.push(chunk.subarray(from));
      restBytes += chunk.length - from;
    }
    if (restBytes > LONGEST_LINE)
      throw new LogError('A line is longer than any that is written', { file: path, offset });
    if (lines.length > 0) yield lines;
  }
  if (restBytes > 0) yield [{ bytes: Buffer.concat(rest), offset }];
}

async function* readChunks(path: string, isCompressed: boolean): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (!isCompressed) {
    yield* file as AsyncIterable<Buffer>;
    return;
  }
  const content = createGunzip({ chunkSize: CHUNK_BYTES });
  file.on('error', (error) => content.destroy(error));
  file.pipe(content);
  let offset = 0;
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      offset += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw error;
    throw new LogError(`The file cannot be decompressed: ${(error as Error).message}`, { file: path, offset }, error);
  } finally {
    file.destroy();
  }
}
