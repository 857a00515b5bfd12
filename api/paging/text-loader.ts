/**
 * Loads the long texts of rows for one answer: their lengths first, so that no more is in memory than the answer may hold, and then a
 * little at a time, so that the event loop is not held up by them.
 */
import { type AnswerSize } from './answer-size.ts';
import { shareRead } from '../database/shared-reads.ts';

/** What can be loaded of one table. */
export interface TextTable<Texts extends object> {
  name: string;
  /** In bytes as JSON, for each of these columns. Rows that are gone are missing. */
  sizes: (ids: readonly string[], columns: readonly (keyof Texts)[]) => Promise<Map<string, Sizes<Texts>>>;
  load: (ids: readonly string[], columns: readonly (keyof Texts)[]) => Promise<Map<string, Partial<Texts>>>;
}

export type Sizes<Texts> = Partial<Record<keyof Texts, number>>;

/** Loaded by one statement. */
const CHUNK_BYTES = 1024 * 1024;

interface Wanted<Texts> {
  id: string;
  column: keyof Texts;
  resolve: (text: never) => void;
  reject: (error: unknown) => void;
}

/** One for each answer and table. Whatever is asked for in one turn of the event loop is loaded together. */
export class TextLoader<Texts extends object> {
  readonly #table: TextTable<Texts>;
  readonly #answer: AnswerSize;
  readonly #asked = new Map<string, Promise<unknown>>();
  readonly #sizes = new Map<string, Sizes<Texts>>();
  #wanted: Wanted<Texts>[] = [];

  constructor(table: TextTable<Texts>, answer: AnswerSize) {
    this.#table = table;
    this.#answer = answer;
  }

  /** Null where the row is gone. Throws where the answer would become too large. */
  get<Column extends keyof Texts>(id: string, column: Column): Promise<Texts[Column] | null> {
    const key = `${id} ${String(column)}`;
    const asked = this.#asked.get(key) as Promise<Texts[Column] | null> | undefined;
    if (asked) return asked;
    const text = new Promise<Texts[Column] | null>((resolve, reject) => {
      if (this.#wanted.length === 0) setImmediate(() => void this.#loadWanted());
      this.#wanted.push({ id, column, resolve, reject });
    });
    this.#asked.set(key, text);
    return text;
  }

  /** Asks the database only for what was not asked for this answer before: a page is cut first, and then loaded. */
  async sizes(ids: readonly string[], columns: readonly (keyof Texts)[]): Promise<ReadonlyMap<string, Sizes<Texts>>> {
    const missing = ids.filter((id) => columns.some((column) => this.#sizes.get(id)?.[column] === undefined));
    if (missing.length > 0) {
      const found = await this.#read('sizes', missing, columns, () => this.#table.sizes(missing, columns));
      for (const [id, sizes] of found) this.#sizes.set(id, { ...this.#sizes.get(id), ...sizes });
    }
    return this.#sizes;
  }

  async #loadWanted(): Promise<void> {
    const wanted = this.#wanted;
    this.#wanted = [];
    try {
      const columns = [...new Set(wanted.map(({ column }) => column))];
      const sizes = await this.sizes([...new Set(wanted.map(({ id }) => id))], columns);
      for (const chunk of this.#chunks(wanted, sizes)) await this.#loadChunk(chunk);
    } catch (error) {
      for (const { reject } of wanted) reject(error);
    }
  }

  /** Refuses what does not fit, and gives the others in parts that one statement may load. */
  *#chunks(wanted: readonly Wanted<Texts>[], sizes: ReadonlyMap<string, Sizes<Texts>>): Generator<Wanted<Texts>[]> {
    let chunk: Wanted<Texts>[] = [];
    let bytes = 0;
    for (const each of wanted) {
      const size = sizes.get(each.id)?.[each.column] ?? 0;
      try {
        this.#answer.load(size);
      } catch (error) {
        each.reject(error);
        continue;
      }
      if (chunk.length > 0 && bytes + size > CHUNK_BYTES) {
        yield chunk;
        [chunk, bytes] = [[], 0];
      }
      chunk.push(each);
      bytes += size;
    }
    if (chunk.length > 0) yield chunk;
  }

  async #loadChunk(chunk: readonly Wanted<Texts>[]): Promise<void> {
    const ids = [...new Set(chunk.map(({ id }) => id))];
    const columns = [...new Set(chunk.map(({ column }) => column))];
    const texts = await this.#read('texts', ids, columns, () => this.#table.load(ids, columns));
    for (const { id, column, resolve } of chunk) resolve((texts.get(id)?.[column] ?? null) as never);
  }

  #read<Result>(
    what: string,
    ids: readonly string[],
    columns: readonly (keyof Texts)[],
    read: () => Promise<Result>,
  ): Promise<Result> {
    return this.#answer.isShared ? shareRead([this.#table.name, what, ids, columns], read) : read();
  }
}
