/** PGlite as Prisma's client and its schema engine see it. */
import { setImmediate } from 'node:timers/promises';

import { type PGlite, type QueryOptions, messages } from '@electric-sql/pglite';
import { DriverAdapterError, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { PrismaPGlite } from 'pglite-prisma-adapter';

/**
 * The adapter does not wait for a script, which is what a migration is: one that fails would count as applied, and its error would
 * end the process later.
 */
export class PGliteAdapter extends PrismaPGlite {
  readonly #pglite: PGlite;

  constructor(pglite: PGlite) {
    super(pglite);
    this.#pglite = pglite;
    addParsersOnce(pglite);
    lockPersons(pglite);
  }

  override async connect(): Promise<SqlDriverAdapter> {
    const adapter = await super.connect();
    adapter.executeScript = (script) => runScript(this.#pglite, script);
    return adapter;
  }
}

async function runScript(pglite: PGlite, script: string): Promise<void> {
  try {
    await pglite.exec(script);
    // It learns the types of arrays when it opens: without this, a list of a new enum could be sent from the next start on.
    await pglite.refreshArrayTypes();
  } catch (error) {
    if (!(error instanceof messages.DatabaseError)) throw error;
    const { code = '', severity = 'ERROR', message, detail, hint, column } = error;
    throw new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, hint, column });
  }
}

/**
 * The adapter names its parsers with each statement, and PGlite then copies all of its own, over three hundred, to add them: that
 * took longer than a small statement itself. They become PGlite's own at the first statement, and are not handed on.
 */
function addParsersOnce(pglite: PGlite): void {
  const once = (options: QueryOptions | undefined): QueryOptions | undefined => {
    if (!options?.parsers) return options;
    if (added !== options.parsers) Object.assign(pglite.parsers, options.parsers);
    added = options.parsers;
    const { parsers: _, ...others } = options;
    return others;
  };
  let added: QueryOptions['parsers'];

  const query = pglite.query.bind(pglite);
  pglite.query = (sql, params, options) => query(sql, params, once(options));
  const transaction = pglite.transaction.bind(pglite);
  pglite.transaction = (work) =>
    transaction((tx) => {
      const inside = tx.query.bind(tx);
      tx.query = (sql, params, options) => inside(sql, params, once(options));
      return work(tx);
    });
}

/** For so long PGlite may work before all else in the process has its turn. */
const MOST_MS = 10;

/**
 * PGlite works in this thread and waits for nothing but promises, so that queued statements would run in one go, and
 * no request be read or answered meanwhile: for seconds, where thousands come at once.
 */
function lockPersons(pglite: PGlite): void {
  const work = pglite.execProtocolStream.bind(pglite);
  let worked = 0;
  pglite.execProtocolStream = async (...message) => {
    if (worked > MOST_MS) {
      worked = 0;
      await setImmediate();
    }
    const began = performance.now();
    try {
      return await work(...message);
    } finally {
      worked += performance.now() - began;
    }
  };
}
