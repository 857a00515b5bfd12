/** The database of the settings, for one command: a server, or a data folder that no server has open. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';

import { lockFolder } from '../../database/db.ts';
import { readPostgresUrl } from '../../postgres-url.ts';
import { connectServer, type Connection, ofPGlite } from './connection.ts';
import { LogError } from './log-error.ts';

export interface Source extends AsyncDisposable {
  readonly connection: Connection;
  readonly isEmbedded: boolean;
}

/** Throws a `SettingError` where the folder is in use. */
export async function openSource(place: { url: string | undefined; folder: string }): Promise<Source> {
  if (place.url !== undefined) {
    const connection = await connectServer(readPostgresUrl(place.url).connectionString);
    return { connection, isEmbedded: false, [Symbol.asyncDispose]: () => connection.close() };
  }
  const dataDir = join(place.folder, 'pglite');
  if (!existsSync(dataDir)) throw new LogError(`There is no database in ${place.folder}`);
  const lock = lockFolder(place.folder);
  const pglite = await PGlite.create({ dataDir });
  return {
    connection: ofPGlite(pglite),
    isEmbedded: true,
    async [Symbol.asyncDispose]() {
      await pglite.close();
      lock.close();
    },
  };
}
