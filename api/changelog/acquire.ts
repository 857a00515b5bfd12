/** The lease together with the directory that its holder writes to. */
import { lastEpoch, openDirectory } from './directory.ts';
import { beginEpochAfter, releaseLease, type State, takeLease } from './state.ts';

export interface Acquired {
  readonly state: State;
  readonly directoryId: string;
}

/**
 * Null where another node has the lease. The epoch is after that of every file: a database that went back to a copy, or is new, would give
 * one again. Throws what the directory says; the lease is then free.
 */
export async function acquire(folder: string, isAlone: boolean): Promise<Acquired | null> {
  const state = await takeLease(isAlone);
  if (!state) return null;
  try {
    const directoryId = await openDirectory(folder);
    const epoch = await lastEpoch(folder);
    return { directoryId, state: epoch < state.epoch ? state : await beginEpochAfter(epoch, state) };
  } catch (error) {
    await releaseLease(state.epoch).catch(() => undefined);
    throw error;
  }
}
