/** Statements of the log, run in a database: each must touch exactly one row. */
import { readTables, type Table, type Tables } from '../tables.ts';
import type { Connection } from './connection.ts';
import { isWithin, type Until } from './log.ts';
import { LogError, type Place } from './log-error.ts';
import type { Piece } from './read-chain.ts';

export interface Hooks {
  /** The first transaction that is after it ends the replay. */
  readonly until?: Until | null;
  /** Applies a migration where a transaction of the log did. Left out: it must have been applied. */
  readonly migrate?: (migration: NamedMigration, place: Place) => Promise<void>;
  /** Called between two transactions, now and then. */
  readonly pause?: (place: Place) => Promise<void>;
}

export interface NamedMigration {
  readonly name: string;
  readonly checksum: string;
}

export interface Replayed {
  readonly transactions: number;
  readonly rows: number;
  /** The last transaction that was replayed, or that the base has. */
  readonly last: { readonly commit: number; readonly at: string } | null;
}

/** Of the transaction that a replay is in: no triggers, no foreign keys, and texts as the log writes them. */
export const replaySettings = [
  'SET LOCAL session_replication_role = replica;',
  'SET LOCAL standard_conforming_strings = on;',
];

/** Statements between two pauses. */
const PAUSE_AFTER = 5_000;

/**
 * In the transaction that is open, with `replaySettings`. A base replaces all rows of captured tables. Throws a `LogError` at the first
 * statement that does not fit, and what the reading of `pieces` throws: the transaction is then to be rolled back.
 */
export async function replayInto(
  connection: Connection,
  pieces: AsyncIterable<Piece>,
  hooks: Hooks = {},
): Promise<Replayed> {
  const replay = new Replay(connection, await readTables(connection), hooks);
  for await (const piece of pieces) if (!(await replay.take(piece))) break;
  return replay.finish();
}

type Part = Extract<Piece, { what: 'base' | 'transaction' }>;

class Replay {
  readonly #connection: Connection;
  readonly #hooks: Hooks;
  readonly #batch: Batch;
  #part: Part | null = null;
  /** Whether the statements of the part are run. */
  #isRun = false;
  #transactions = 0;
  #rows = 0;
  #rowsAtPause = 0;
  #last: Replayed['last'] = null;

  constructor(connection: Connection, tables: Tables, hooks: Hooks) {
    this.#connection = connection;
    this.#hooks = hooks;
    this.#batch = new Batch(connection, tables);
  }

  /** False where the replay is to end before it. */
  async take(piece: Piece): Promise<boolean> {
    switch (piece.what) {
      case 'base':
        return this.#beginBase(piece);
      case 'transaction':
        return this.#beginTransaction(piece);
      case 'statements':
        if (!this.#isRun) return true;
        for (const { bytes, offset } of piece.lines)
          await this.#batch.add(bytes.toString('utf8', 0, bytes.length - 1), { file: piece.file, offset });
        this.#rows += piece.lines.length;
        return true;
      case 'end':
        await this.#end();
        return true;
    }
  }

  async finish(): Promise<Replayed> {
    await this.#batch.run();
    return { transactions: this.#transactions, rows: this.#rows, last: this.#last };
  }

  async #beginBase(piece: Extract<Part, { what: 'base' }>): Promise<boolean> {
    const { commit, continues } = piece.head;
    // One that comes later stands for what was just replayed.
    this.#isRun = this.#last === null;
    if (!this.#isRun && (continues === undefined || this.#last?.commit !== commit)) {
      if (this.#hooks.until) return false;
      throw new LogError('A chain begins anew in the middle of what is to be replayed', piece.place);
    }
    if (this.#isRun) await this.#batch.deleteAll();
    this.#begin(piece, commit);
    return true;
  }

  #beginTransaction(piece: Extract<Part, { what: 'transaction' }>): boolean {
    const { commit, at, actor, migration } = piece.header;
    if (!isWithin(this.#hooks.until ?? null, commit, at)) return false;
    // What migrations wrote, they write themselves.
    this.#isRun = !migration && !actor.startsWith('MIGRATION ');
    this.#begin(piece, commit);
    return true;
  }

  #begin(part: Part, commit: number): void {
    this.#part = part;
    this.#batch.commit = commit;
  }

  async #end(): Promise<void> {
    const part = this.#part;
    if (!part) return;
    if (part.what === 'transaction') {
      this.#transactions += 1;
      if (part.header.migration) await this.#migrate(part.header.migration, part.place);
    }
    const { commit, at } = part.what === 'base' ? part.head : part.header;
    this.#last = { commit, at };
    if (this.#rows - this.#rowsAtPause < PAUSE_AFTER) return;
    this.#rowsAtPause = this.#rows;
    await this.#batch.run();
    await this.#hooks.pause?.(part.place);
  }

  async #migrate(migration: NamedMigration, place: Place): Promise<void> {
    await this.#batch.run();
    await (this.#hooks.migrate ?? requireApplied(this.#connection))(migration, place);
    this.#batch.tables = await readTables(this.#connection);
  }
}

function requireApplied(connection: Connection): NonNullable<Hooks['migrate']> {
  return async ({ name, checksum }, place) => {
    const applied = await connection.$queryRaw<unknown[]>`
      SELECT 1 AS one FROM _prisma_migrations
      WHERE migration_name = ${name} AND checksum = ${checksum} AND finished_at IS NOT NULL AND rolled_back_at IS NULL`;
    if (applied.length === 0) throw new LogError(`The migration ${name} is not applied in the database`, place);
  };
}

interface Statement {
  readonly text: string;
  readonly place: Place;
}

const MOST_STATEMENTS = 250;
const MOST_CHARACTERS = 1_000_000;

/** Statements that are sent together. */
class Batch {
  /** As the database has them at present. */
  tables: Tables;
  /** Of the statements that are added. */
  commit = 0;
  readonly #connection: Connection;
  #statements: Statement[] = [];
  #characters = 0;

  constructor(connection: Connection, tables: Tables) {
    this.#connection = connection;
    this.tables = tables;
  }

  async add(text: string, { file, offset }: Place): Promise<void> {
    const place = { file, offset, commit: this.commit };
    const table = /^(?:INSERT INTO|UPDATE|DELETE FROM) "((?:[^"]|"")+)" /.exec(text)?.[1]?.replaceAll('""', '"') ?? '';
    if (!this.tables.has(table)) throw new LogError(`The log writes to no table "${table}"`, place);
    this.#statements.push({ text, place });
    this.#characters += text.length;
    if (this.#statements.length >= MOST_STATEMENTS || this.#characters >= MOST_CHARACTERS) await this.run();
  }

  async run(): Promise<void> {
    const statements = this.#statements;
    if (statements.length === 0) return;
    this.#statements = [];
    this.#characters = 0;
    await this.#connection.run(['SAVEPOINT replay;']);
    let counts: number[];
    try {
      counts = await this.#connection.run(statements.map(({ text }) => text));
    } catch {
      await this.#connection.run(['ROLLBACK TO SAVEPOINT replay;']);
      for (const statement of statements) requireOne(await this.#runAlone(statement), statement);
      counts = statements.map(() => 1);
    }
    if (counts.length !== statements.length)
      throw new LogError('A line holds more than one statement', statements[0]?.place);
    for (const [index, statement] of statements.entries()) requireOne(counts[index], statement);
    await this.#connection.run(['RELEASE SAVEPOINT replay;']);
  }

  /** To find the one that fails. */
  async #runAlone({ text, place }: Statement): Promise<number | undefined> {
    try {
      const [count, ...others] = await this.#connection.run([text]);
      return others.length === 0 ? count : undefined;
    } catch (cause) {
      throw new LogError(`The database refuses the statement: ${(cause as Error).message}`, place, cause);
    }
  }

  async deleteAll(): Promise<void> {
    await this.#connection.run([...this.tables.values()].map(deletion));
  }
}

function requireOne(count: number | undefined, { place }: Statement): void {
  if (count !== 1) throw new LogError(`The statement touches ${count ?? 'not one'} rows instead of one`, place);
}

const deletion = ({ name }: Table) => `DELETE FROM "${name.replaceAll('"', '""')}";`;
