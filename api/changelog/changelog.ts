/** The change log of this node: on or off. */
import { log } from '../log.ts';
import { acquire } from './acquire.ts';
import { Appender } from './appender.ts';
import { captureChanges } from './capture.ts';
import type { ChangelogSettings } from './settings.ts';
import { forgetCursor, type Lag, readState } from './state.ts';
import { Writer } from './writer.ts';

export interface Changelog {
  /** As it was seen some seconds ago at most, by whatever node; null while the log is off. */
  readonly lag: Lag | null;
  /** Writes what is left, and lets another node write. */
  close(): Promise<void>;
}

/** Throws a `SettingError` where the files are ahead of the database and no setting says what to do. */
export async function openChangelog(settings: ChangelogSettings): Promise<Changelog> {
  if (!settings.isOn) {
    await turnOff(settings);
    return { lag: null, close: async () => undefined };
  }
  const writer = new Writer(settings);
  await writer.start();
  return writer;
}

/** The files say that the log was turned off, and what comes later begins with a base. */
async function turnOff(settings: ChangelogSettings): Promise<void> {
  const state = await readState();
  if (state.commit !== null) {
    const acquired = await acquire(settings.folder, settings.isEmbedded).catch(() => null);
    if (acquired) {
      const { directoryId } = acquired;
      const appender = new Appender({ ...settings, directoryId, isEnding: () => true }, acquired.state);
      try {
        await appender.round();
        await appender.noteOff();
      } catch (error) {
        log.error({ error }, 'Writing to the files of the change log that it was turned off failed');
      }
      await appender.close();
    }
    await forgetCursor();
    log.info('The change log is turned off: what is written from now on is in no file');
  }
  await captureChanges(false);
}
