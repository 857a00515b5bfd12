/** One file of the log: its head, and its transactions or its rows, each with its digest checked. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

import type { z } from 'zod';

import { BaseEnd, BaseHead, ChangesHead, CommitHeader, Digest, parseHeader, settings } from '../format.ts';
import { isBase, type LogFile } from './files.ts';
import { type Line, readLines } from './lines.ts';
import { LogError, type Notice, type Place } from './log-error.ts';

export type FilePiece =
  | { what: 'head'; head: ChangesHead; place: Place }
  | { what: 'base'; head: BaseHead; place: Place }
  | { what: 'transaction'; header: CommitHeader; place: Place }
  /** Statements of what was named last, each with its newline. */
  | { what: 'statements'; lines: readonly Line[]; file: string }
  /** The transaction or the base was whole, and its digest is right. */
  | { what: 'end'; place: Place; sha256: string };

/**
 * What counts of a file. Tells `notice` what does not: half a transaction at the end, and what is after the epoch's end. Throws a
 * `LogError` for everything else that is not as it was written; statements come before their digest is known.
 */
export async function* readFile(file: LogFile, notice: Notice): AsyncGenerator<FilePiece> {
  const parser = isBase(file) ? new BaseParser(file) : new ChangesParser(file, notice);
  const end = isBase(file) ? Infinity : await endOfWhole(file);
  for await (const lines of readLines(file)) {
    // What is behind the end is read too: it may be more than half a transaction.
    for (const piece of parser.read(lines)) if (offsetOf(piece) < end) yield piece;
    if (parser.hasEnded) return;
  }
  parser.finish();
}

/** Behind the last whole transaction. */
async function endOfWhole(file: LogFile): Promise<number> {
  if (!file.isCompressed && (await lastBytes(file.path, 9)).toString('latin1') === '\nCOMMIT;\n') return Infinity;
  let end = 0;
  for await (const lines of readLines(file)) {
    // The head counts, also where no transaction follows it.
    if (end === 0) end = 1;
    const last = lines.findLast((line) => isLine(line, 'COMMIT;'));
    if (last) end = last.offset + last.bytes.length;
  }
  return end;
}

function offsetOf(piece: FilePiece): number {
  return piece.what === 'statements' ? (piece.lines[0]?.offset ?? 0) : piece.place.offset;
}

/** Of a file that is not compressed. */
export async function lastBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, count);
    return (await file.read(Buffer.alloc(length), 0, length, size - length)).buffer;
  } finally {
    await file.close();
  }
}

/** Null where the file is cut before it is over. */
export const readBaseHead = (file: LogFile) => readHead(BaseHead, file);
export const readChangesHead = (file: LogFile) => readHead(ChangesHead, file);

async function readHead<T extends typeof ChangesHead | typeof BaseHead>(shape: T, file: LogFile) {
  for await (const [line] of readLines(file)) return line && endsLine(line) ? headOf(shape, line, file) : null;
  return null;
}

const endsLine = ({ bytes }: Line) => bytes.at(-1) === 10;

/** Steps from line to line; `#next` is what the next line is expected to be. */
abstract class Parser {
  protected readonly file: LogFile;
  /** Whether nothing that follows is to be read. */
  hasEnded = false;
  protected offset = 0;
  #next: (line: Line) => FilePiece | null;
  readonly #settings = settings.split(/(?<=\n)/);

  constructor(file: LogFile) {
    this.file = file;
    this.#next = (line) => this.head(line);
  }

  *read(lines: readonly Line[]): Generator<FilePiece> {
    let statements: Line[] = [];
    for (const line of lines) {
      if (this.hasEnded) break;
      this.offset = line.offset + line.bytes.length;
      if (this.isStatement(line)) {
        statements.push(line);
        continue;
      }
      if (statements.length > 0) yield { what: 'statements', lines: statements, file: this.file.path };
      statements = [];
      if (!endsLine(line)) {
        this.cut(line);
        break;
      }
      const piece = this.#next(line);
      if (piece) yield piece;
    }
    if (statements.length > 0) yield { what: 'statements', lines: statements, file: this.file.path };
  }

  /** At the end of the file. */
  abstract finish(): void;
  protected abstract head(line: Line): FilePiece;
  /** Whether it is one of a transaction that goes on; then it was counted. */
  protected abstract isStatement(line: Line): boolean;
  /** The last line, which has no newline. */
  protected abstract cut(line: Line): void;
  protected abstract afterSettings(line: Line): FilePiece | null;

  protected expect(next: (line: Line) => FilePiece | null): void {
    this.#next = next;
  }

  protected expectSettings(): void {
    let line = 0;
    this.expect((given) => {
      if (given.bytes.toString() !== this.#settings[line])
        throw this.error('The settings at the beginning of the file were changed', given);
      line += 1;
      if (line === this.#settings.length) this.expect((line) => this.afterSettings(line));
      return null;
    });
  }

  protected place({ offset }: Line, commit?: number): Place {
    return { file: this.file.path, offset, commit };
  }

  protected error(problem: string, line: Line, commit?: number): LogError {
    return new LogError(problem, this.place(line, commit));
  }
}

class ChangesParser extends Parser {
  readonly #notice: Notice;
  #header: (CommitHeader & { place: Place }) | null = null;
  #digest = createHash('sha256');
  #statements = 0;
  #isBegun = false;

  constructor(file: LogFile, notice: Notice) {
    super(file);
    this.#notice = notice;
  }

  override finish(): void {
    if (this.hasEnded) return;
    if (this.#header) this.#ignore(this.#header.place, 'is half a transaction, whose writer was stopped');
    else if (this.offset === 0)
      this.#ignore({ file: this.file.path, offset: 0 }, 'is empty, since its writer was stopped');
  }

  protected override head(line: Line): FilePiece {
    const head = headOf(ChangesHead, line, this.file);
    this.expectSettings();
    return { what: 'head', head, place: this.place(line) };
  }

  protected override isStatement(line: Line): boolean {
    if (!this.#header || !this.#isBegun || this.#statements === this.#header.entries || !endsLine(line)) return false;
    if (!looksLikeStatement(line.bytes))
      throw this.error(
        isLine(line, 'COMMIT;')
          ? `The transaction has ${this.#statements} statements and not ${this.#header.entries}: lines were removed`
          : 'There is a line that is no statement within a transaction',
        line,
        this.#header.commit,
      );
    this.#statements += 1;
    this.#digest.update(line.bytes);
    return true;
  }

  protected override cut(line: Line): void {
    const next = this.#header && (this.#isBegun ? 'COMMIT;' : 'BEGIN;');
    const isWithin = this.#header && this.#isBegun && this.#statements < this.#header.entries;
    if (next && !isWithin && !next.startsWith(line.bytes.toString('latin1')) && !isZero(line.bytes))
      throw this.error('The last transaction was changed', line, this.#header?.commit);
    const place = this.#header?.place ?? this.place(line);
    this.#ignore(place, 'is half a transaction, whose writer was stopped');
  }

  protected override afterSettings(line: Line): FilePiece | null {
    const header = parsedAs(CommitHeader, line);
    if (!header) throw this.error('There is a line between the transactions that is no header of one', line);
    const place = this.place(line, header.fields.commit);
    if (header.fields.commit >= this.file.end) {
      this.#ignore(place, 'was written by a process that had been replaced');
      return null;
    }
    this.#header = { ...header.fields, place };
    this.#digest = createHash('sha256').update(header.json).update('\n');
    this.#statements = 0;
    this.expect((line) => this.#begin(line));
    return { what: 'transaction', header: header.fields, place };
  }

  #begin(line: Line): null {
    if (!isLine(line, 'BEGIN;'))
      throw this.error('A transaction does not begin with BEGIN', line, this.#header?.commit);
    this.#digest.update(line.bytes);
    this.#isBegun = true;
    this.expect((line) => this.#commit(line));
    return null;
  }

  #commit(line: Line): FilePiece {
    const header = this.#header as CommitHeader & { place: Place };
    if (!isLine(line, 'COMMIT;'))
      throw this.error('A transaction has more lines than its header says', line, header.commit);
    if (this.#digest.update(line.bytes).digest('hex') !== header.sha256)
      throw new LogError('The transaction was changed: its SHA-256 is another one', header.place);
    this.#header = null;
    this.#isBegun = false;
    this.expect((line) => this.afterSettings(line));
    return { what: 'end', place: header.place, sha256: header.sha256 };
  }

  #ignore(place: Place, why: string): void {
    this.hasEnded = true;
    this.#notice({ place, why });
  }
}

class BaseParser extends Parser {
  readonly #digest = createHash('sha256');
  readonly #rows: Record<string, number> = {};
  #head: BaseHead | null = null;
  #isBegun = false;

  override finish(): void {
    // Known before it was read, unless it was cut meanwhile.
    if (!this.hasEnded) throw new LogError('The base is not whole', { file: this.file.path, offset: this.offset });
  }

  protected override head(line: Line): FilePiece {
    this.#head = headOf(BaseHead, line, this.file);
    this.#digest.update(line.bytes).update(settings);
    this.expectSettings();
    return { what: 'base', head: this.#head, place: this.place(line, this.#head.commit) };
  }

  protected override isStatement(line: Line): boolean {
    if (!this.#isBegun || !endsLine(line) || isLine(line, 'COMMIT;')) return false;
    const table = /^INSERT INTO "((?:[^"]|"")+)" /.exec(line.bytes.subarray(0, 200).toString())?.[1];
    if (table === undefined) throw this.error('There is a line that is no row within a base', line);
    this.#rows[table] = (this.#rows[table] ?? 0) + 1;
    this.#digest.update(line.bytes);
    return true;
  }

  protected override cut(line: Line): void {
    throw this.error('The base is not whole', line);
  }

  protected override afterSettings(line: Line): null {
    if (!isLine(line, 'BEGIN;')) throw this.error('A base does not begin with BEGIN', line);
    this.#digest.update(line.bytes);
    this.#isBegun = true;
    this.expect((line) => this.#commit(line));
    return null;
  }

  #commit(line: Line): null {
    this.#digest.update(line.bytes);
    this.#isBegun = false;
    this.expect((line) => this.#end(line));
    return null;
  }

  #end(line: Line): FilePiece {
    const end = parsedAs(BaseEnd, line);
    if (!end) throw this.error('The last line of the base was changed', line);
    for (const [table, count] of Object.entries(end.fields.rows))
      if ((this.#rows[table.replaceAll('"', '""')] ?? 0) !== count)
        throw this.error(`The base has ${this.#rows[table] ?? 0} rows of ${table} and not ${count}`, line);
    if (this.#digest.update('\n').update(end.json).digest('hex') !== end.fields.sha256)
      throw this.error('The base was changed: its SHA-256 is another one', { ...line, offset: 0 });
    this.hasEnded = true;
    return { what: 'end', place: this.place(line), sha256: this.#head?.sha256 ?? '' };
  }
}

function headOf<T extends typeof ChangesHead | typeof BaseHead>(shape: T, line: Line, file: LogFile): z.infer<T> {
  const head = parsedAs(shape, line);
  const place = { file: file.path, offset: line.offset };
  const fields = head?.fields as ChangesHead | BaseHead | undefined;
  if (!head || !fields || new Digest().update(head.json).hex() !== fields.sha256)
    throw new LogError('The first line of the file was changed', place);
  const commit = 'first' in fields ? fields.first : fields.commit;
  if (fields.kind !== file.kind || fields.epoch !== file.epoch || commit !== file.commit)
    throw new LogError(
      `The file has the name of another one: it was written as ${fields.kind} ${commit} of epoch ${fields.epoch}`,
      place,
    );
  return head.fields as z.infer<T>;
}

function parsedAs<T extends z.ZodType>(shape: T, { bytes }: Line): { json: string; fields: z.infer<T> } | null {
  // Statements can be long, and are none.
  if (bytes.length > 1_000_000 || bytes[0] !== 45) return null;
  const header = parseHeader(bytes.toString());
  const fields = header && shape.safeParse(header.fields);
  return fields?.success ? { json: header?.json ?? '', fields: fields.data } : null;
}

const isLine = ({ bytes }: Line, text: string) => bytes.length === text.length + 1 && bytes.toString() === `${text}\n`;

function looksLikeStatement(bytes: Buffer): boolean {
  return /^(?:INSERT INTO|UPDATE|DELETE FROM) "/.test(bytes.subarray(0, 14).toString('latin1'));
}

/** What a file system may leave where a machine lost its power. */
const isZero = (bytes: Buffer) => bytes.every((byte) => byte === 0);
