/** What is done where the files hold transactions that the database has lost: after a power cut, or where a backup was restored. */
import { SettingError } from '../env.ts';
import { log } from '../log.ts';
import { bringBack } from './bring-back.ts';
import { LogError } from './recovery/log-error.ts';
import type { ChangelogSettings } from './settings.ts';
import { moveCursor, type State } from './state.ts';
import type { Directory } from './survey.ts';
import { lastDrawn } from './window.ts';

/** Where the files are ahead: as CHANGELOG_AHEAD says. */
export async function settleDifference(
  { folder, ahead }: ChangelogSettings,
  state: State,
  directory: Directory,
): Promise<State> {
  const count = directory.missing.length;
  if (count === 0 || ahead === 'branch') return state;
  const [first, last] = [directory.missing[0], directory.missing.at(-1)];
  const what = `The change log in ${folder} is ahead of the database by ${count} transactions (number ${first?.commit} of ${first?.at} to number ${last?.commit} of ${last?.at}), as after a power cut or where a backup was restored.`;
  if (ahead === 'stop')
    throw new SettingError(
      `${what} Start once with CHANGELOG_AHEAD=replay to bring them back into the database, or with CHANGELOG_AHEAD=branch to go on without them.`,
    );
  if (directory.hasOwn || !last)
    throw new SettingError(
      `${what} The database has transactions of its own since, so that they cannot be brought back into it: replay the log into an empty database (npm run changelog -- replay), or start once with CHANGELOG_AHEAD=branch.`,
    );
  try {
    await bringBack(folder, (first?.commit ?? 0) - 1);
  } catch (cause) {
    if (!(cause instanceof LogError)) throw cause;
    // Who went on would have transactions of their own soon, and these could not be brought back any more.
    throw new SettingError(
      `${what} They cannot be brought back: ${cause.message} Replay what there is into an empty database (npm run changelog -- replay … --until), or start once with CHANGELOG_AHEAD=branch.`,
      { cause },
    );
  }
  const move = {
    commit: last.commit,
    doneSeq: await lastDrawn(),
    hash: last.sha256,
    secretsHash: directory.secretsHash ?? state.secretsHash,
    file: state.file ?? '',
    directoryId: state.directoryId ?? '',
    chain: state.chain ?? '',
    migration: state.migration,
  };
  await moveCursor(state.epoch, move, []);
  log.warn(
    { count, until: last.commit },
    'Transactions that the database had lost were brought back from the change log',
  );
  return { ...state, ...move };
}

/** Why a base has to be written first; null: the files lead to the rows as they are. */
export function whyBase(
  state: State,
  directory: Directory,
  ahead: ChangelogSettings['ahead'],
): 'NEW' | 'BRANCH' | 'DAMAGED' | null {
  if (ahead === 'branch' && directory.missing.length > 0) return 'BRANCH';
  if (state.commit === null || directory.isEmpty) return 'NEW';
  return directory.isDamaged ? 'DAMAGED' : null;
}
