/** A database made of the files: migrations, the newest base, and every transaction after it. */
import { type DatabaseError } from 'pg';

import { migrate, migrations } from '../../database/migrate.ts';
import { readTables } from '../tables.ts';
import { checkForeignKeys, setSequences } from './after-replay.ts';
import { isBase } from './files.ts';
import { baseBefore, firstHead, type Log, openLog, type Until } from './log.ts';
import { LogError, type Notice, type Place } from './log-error.ts';
import { readLog } from './read-log.ts';
import { type NamedMigration, type Replayed, replayInto, replaySettings } from './replay-into.ts';
import type { Target } from './target.ts';
import type { Progress } from './verify.ts';

export interface ReplayOptions {
  readonly until?: Until | null;
  /** People then cannot sign in with their passwords. */
  readonly isWithoutSecrets?: boolean;
  readonly notice?: Notice;
  readonly progress?: Progress;
}

/** Into an empty database. Throws a `LogError` at the first thing that does not fit; what was made until then is of no use. */
export async function replay(
  directories: readonly string[],
  target: Target,
  options: ReplayOptions = {},
): Promise<Replayed> {
  const { until = null, notice = () => undefined, progress = () => undefined } = options;
  const log = await openLog(directories, notice);
  if (!log.hasSecrets && !options.isWithoutSecrets)
    throw new LogError(
      'There are no secrets files, without which nobody can sign in: name their directory too, or say --without-secrets',
    );
  const base = baseBefore(log, until);
  await migrateTo(target, base ? base.head.migration : await firstMigration(log, until));

  const { connection } = target;
  await begin(target);
  const replayed = await replayInto(connection, readLog(log, base, notice), {
    until,
    async migrate(migration, place) {
      await connection.run(['COMMIT;']);
      await applyNext(target, migration, place);
      await begin(target);
    },
    async pause(place) {
      progress(log, place);
      await connection.run(['COMMIT;']);
      await begin(target);
    },
  });
  await setSequences(connection);
  await checkForeignKeys(connection);
  await connection.run(['COMMIT;']);
  await connection.run(
    [...(await readTables(connection)).keys()].map((name) => `ANALYZE "${name.replaceAll('"', '""')}";`),
  );
  return replayed;
}

async function begin({ connection }: Target): Promise<void> {
  try {
    await connection.run([
      'BEGIN;',
      ...replaySettings,
      'SET LOCAL statement_timeout = 0;',
      'SET LOCAL synchronous_commit = off;',
    ]);
  } catch (cause) {
    if ((cause as DatabaseError).code !== INSUFFICIENT_PRIVILEGE) throw cause;
    throw new LogError(
      'The database’s user may not set session_replication_role: replay as a superuser, or GRANT SET ON PARAMETER session_replication_role TO it',
      null,
      cause,
    );
  }
}

const INSUFFICIENT_PRIVILEGE = '42501';

/** Where no base is early enough. */
async function firstMigration(log: Log, until: Until | null): Promise<string> {
  const [first] = log.main;
  const [base] = log.bases;
  if (first && isBase(first) && until && base)
    throw new LogError(
      `The files begin with what was there after transaction ${base.head.commit} (${base.head.at}), which is after --until`,
    );
  return (await firstHead(log)).migration;
}

async function migrateTo({ adapter }: Target, name: string): Promise<void> {
  if (!migrations().some((migration) => migration.name === name)) throw unknownMigration(name, null);
  await migrate(adapter, name);
}

async function applyNext(target: Target, { name, checksum }: NamedMigration, place: Place): Promise<void> {
  const ours = migrations().find((migration) => migration.name === name);
  if (!ours) throw unknownMigration(name, place);
  if (ours.checksum !== checksum)
    throw new LogError(`The migration ${name} is not the one that was applied then: its checksum differs`, place);
  await migrate(target.adapter, name);
}

function unknownMigration(name: string, place: Place | null): LogError {
  return new LogError(
    `This version of Confab has no migration ${name}: use the version that wrote the log, or a newer one`,
    place,
  );
}
