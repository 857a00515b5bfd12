import { setTimeout as delay } from 'node:timers/promises';

import { env } from '../../env.ts';
import { compareWith, type Comparison, NotYetWritten } from '../recovery/against-database.ts';
import { type Connection } from '../recovery/connection.ts';
import type { ReplayOptions } from '../recovery/replay.ts';
import { openSource } from '../recovery/source.ts';
import { verify } from '../recovery/verify.ts';
import { type Command, requireDirectories } from './command.ts';
import { colored, progressBar, say, warn, warnIgnored, warnInRed } from './terminal.ts';

export const verifyCommand: Command = {
  help: `npm run changelog -- verify DIR… [--against-database]

Checks that the files in the directories are as they were written: nothing changed, removed or swapped. Names the first place that is wrong,
and places that do not count. Directories of several nodes, or of main and secrets files, are read as one.

  --against-database  Replays the files in memory and compares all rows with those of the database (DATABASE_URL or DATA_DIR). Notes what
                      was found in the database, for the page Audit.

Exit code: 0 all is well, 1 something is wrong, 2 wrong usage.`,
  options: { 'against-database': { type: 'boolean' } },
  async run(values, directories) {
    requireDirectories(directories);
    const bar = progressBar('Verify');
    const { problems, ignored, hasSecrets, transactions, last } = await verify(directories, bar.show);
    bar.clear();
    ignored.forEach(warnIgnored);
    if (!hasSecrets && last) warn('There are no secrets files: passwords cannot be recovered from these files alone.');
    for (const { message } of problems) warnInRed(`Wrong: ${message}`);
    if (last) say(`${transactions} transactions, up to number ${last.commit} of ${last.at}, SHA-256 ${last.sha256}.`);
    const isCompared = values['against-database'] === true;
    const [problem] = problems;
    if (problem) {
      if (isCompared) await noteIn(problem.message);
      return 1;
    }
    say(colored('The files are whole.', 'green'));
    return isCompared ? compare(directories, !hasSecrets) : 0;
  },
};

async function compare(directories: readonly string[], isWithoutSecrets: boolean): Promise<number> {
  await using source = await openSource({ url: env.DATABASE_URL, folder: env.DATA_DIR });
  const bar = progressBar('Compare');
  const options = { isWithoutSecrets, progress: bar.show };
  const comparisons = await settled(source.connection, directories, options).finally(bar.clear);
  let differing = 0;
  for (const { table, inDatabase, inFiles } of comparisons) {
    const isEqual = inDatabase.rows === inFiles.rows && inDatabase.hash === inFiles.hash;
    if (!isEqual) differing += 1;
    const rows = isEqual
      ? `${inDatabase.rows} rows`
      : `${inDatabase.rows} rows in the database, ${inFiles.rows} in the files`;
    const line = `${isEqual ? 'equal  ' : 'differs'} ${table}: ${rows}, ${shortHash(inDatabase)}${isEqual ? '' : ` and ${shortHash(inFiles)}`}`;
    say(isEqual ? line : colored(line, 'red'));
  }
  await note(source.connection, differing === 0 ? null : `${differing} tables differ from the files.`);
  say(
    differing === 0
      ? colored('The database has the rows of the files.', 'green')
      : colored(`${differing} tables differ.`, 'red'),
  );
  return differing === 0 ? 0 : 1;
}

async function noteIn(problem: string): Promise<void> {
  await using source = await openSource({ url: env.DATABASE_URL, folder: env.DATA_DIR });
  await note(source.connection, problem);
}

/** For the page of administrators. */
async function note(connection: Connection, problem: string | null): Promise<void> {
  await connection.$queryRaw`
    UPDATE changelog_state SET verified_at = clock_timestamp(), verify_problem = ${problem} RETURNING id`;
}

const shortHash = ({ hash }: Comparison['inFiles']) => (hash === '' ? 'none' : hash);

const MOST_ATTEMPTS = 20;
const PAUSE_MS = 500;

/** A server that runs writes what is new within a second. */
async function settled(
  connection: Connection,
  directories: readonly string[],
  options: ReplayOptions,
): Promise<Comparison[]> {
  for (let attempts = 1; ; attempts += 1) {
    await connection.run(['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;']);
    try {
      return await compareWith(connection, directories, options);
    } catch (error) {
      if (!(error instanceof NotYetWritten) || attempts === MOST_ATTEMPTS) throw error;
    } finally {
      await connection.run(['ROLLBACK;']);
    }
    await delay(PAUSE_MS);
  }
}
