import { env } from '../../env.ts';
import { writeBaseBefore } from '../recovery/offline-base.ts';
import { openSource } from '../recovery/source.ts';
import { type Command, textOf } from './command.ts';
import { timeOf } from './replay.ts';
import { progressBar, say, warnIgnored } from './terminal.ts';

export const baseCommand: Command = {
  help: `npm run changelog -- base [DIR…] [--before TIME]

Writes a snapshot of all rows and removes the files before it: a replay is then the snapshot and what follows, and what was purged or
erased is gone from the log too.

  --before TIME   Of closed files that lie wholly before this time, made of the files alone; the server may run. DIR: CHANGELOG_DIR where
                  none is named.

Without it, the snapshot is of the rows as they are: the server writes it within seconds, or, with an embedded database, at its next start.

Exit code: 0 all is well, 1 something does not fit, 2 wrong usage.`,
  options: { before: { type: 'string' } },
  async run(values, directories) {
    const before = textOf(values, 'before');
    if (before === undefined) return askServer();
    const bar = progressBar('Base');
    const base = await writeBaseBefore(directories.length > 0 ? directories : [env.CHANGELOG_DIR], timeOf(before), {
      notice: warnIgnored,
      progress: bar.show,
    }).finally(bar.clear);
    say(
      base
        ? `The base after transaction ${base.commit} of ${base.at} is written, and the files before it are removed.`
        : 'No closed file lies wholly before that time and after the newest base: nothing was done.',
    );
    return 0;
  },
};

async function askServer(): Promise<number> {
  await using source = await openSource({ url: env.DATABASE_URL, folder: env.DATA_DIR });
  await source.connection.run(['UPDATE changelog_state SET base_wanted_at = clock_timestamp();']);
  say(
    source.isEmbedded
      ? 'The next start of the server writes the base.'
      : 'The server that writes the log writes the base within seconds.',
  );
  return 0;
}
