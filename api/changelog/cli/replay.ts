import { microsecondsOf, type Until } from '../recovery/log.ts';
import { replay } from '../recovery/replay.ts';
import { isServer, openTarget } from '../recovery/target.ts';
import { type Command, requireDirectories, textOf, UsageError } from './command.ts';
import { colored, progressBar, say, warnIgnored } from './terminal.ts';

export const replayCommand: Command = {
  help: `npm run changelog -- replay DIR… --into URL|FOLDER [--until COMMIT|TIME] [--without-secrets]

Makes a database of the files. Stops with one sentence at the first thing that does not fit. People sign in again afterwards; the next
start of the server begins a new chain of the log.

  --into URL          An empty database on a PostgreSQL server: postgresql://user:password@host/name. The user has to be a superuser, or
                      to have been granted SET ON PARAMETER session_replication_role.
  --into FOLDER       A data folder (DATA_DIR) in which there is no database yet; it may hold other files.
  --until COMMIT      Ends after the transaction of this number.
  --until TIME        Ends before the first transaction that began later: 2026-11-29T10:15:30Z; UTC where no offset is given.
  --without-secrets   Goes on where there are no secrets files: nobody can then sign in with their password.

Exit code: 0 all is well, 1 something does not fit, 2 wrong usage.`,
  options: { into: { type: 'string' }, until: { type: 'string' }, 'without-secrets': { type: 'boolean' } },
  async run(values, directories) {
    requireDirectories(directories);
    const into = textOf(values, 'into');
    if (into === undefined) throw new UsageError('Say where the database is to be made: --into URL, or --into FOLDER.');
    const until = untilOf(textOf(values, 'until'));
    const bar = progressBar('Replay');
    const began = performance.now();
    await using target = await openTarget(into);
    const { last, transactions, rows } = await replay(directories, target, {
      until,
      isWithoutSecrets: values['without-secrets'] === true,
      notice: warnIgnored,
      progress: bar.show,
    }).finally(bar.clear);
    await target.finish();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    say(`${transactions} transactions and ${rows} rows were replayed in ${seconds} s.`);
    if (last) say(`The database is as it was after transaction ${last.commit} of ${last.at}.`);
    const setting = isServer(into) ? 'DATABASE_URL' : 'DATA_DIR';
    say(colored(`Start the server with ${setting} naming it.`, 'green'));
    return 0;
  },
};

export function untilOf(text: string | undefined): Until | null {
  if (text === undefined) return null;
  if (/^\d{1,15}$/.test(text)) return { commit: Number(text) };
  return { time: timeOf(text) };
}

export function timeOf(text: string): number {
  try {
    return microsecondsOf(text);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
