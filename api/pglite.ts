/** PGlite as Prisma's client and its schema engine see it. */
import { type PGlite, messages } from '@electric-sql/pglite';
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
  } catch (error) {
    if (!(error instanceof messages.DatabaseError)) throw error;
    const { code = '', severity = 'ERROR', message, detail, hint, column } = error;
    throw new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, hint, column });
  }
}
