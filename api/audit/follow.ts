/** Notifies the streams of this node that transactions were numbered: at once by a hint, and by a poll each second where a hint was lost. */
import { bus } from '../bus/bus.ts';
import { db } from '../database/db.ts';
import { log } from '../log.ts';

const POLL_MS = 1_000;

const followers = new Set<() => void>();
let stop: (() => void) | null = null;

/** `wake` is called when there may be more. Dispose of it when its reader is gone. */
export function followCommits(wake: () => void): Disposable {
  // A function of its own, so that two who follow with the same one are two.
  const call = () => wake();
  followers.add(call);
  stop ??= start();
  return {
    [Symbol.dispose]() {
      followers.delete(call);
      if (followers.size > 0) return;
      stop?.();
      stop = null;
    },
  };
}

/** For tests that look for leaks. */
export function followerCount(): number {
  return followers.size;
}

function wakeAll(): void {
  for (const wake of followers) wake();
}

function start(): () => void {
  let [known, isLooking] = [-1, false];
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      const { newest } = await readReach();
      if (newest !== known) wakeAll();
      known = newest;
    } catch (error) {
      log.warn({ error }, 'Polling for new changes failed, retrying in a second');
    } finally {
      isLooking = false;
    }
  };
  const polling = setInterval(() => void look(), POLL_MS);
  const stops = [() => clearInterval(polling), bus.listen('changesNumbered', wakeAll), bus.onGap(wakeAll)];
  return () => {
    for (const each of stops) each();
  };
}

/** Which transactions the database has: those before are in the files alone. Both 0: none yet. */
export async function readReach(): Promise<{ oldest: number; newest: number }> {
  const [reach] = await db.$queryRaw<{ oldest: number; newest: number }[]>`
    SELECT coalesce((SELECT min(number) FROM change_commit), s.commit + 1, 0)::float8 AS oldest,
      coalesce((SELECT max(number) FROM change_commit), s.commit, 0)::float8 AS newest
    FROM changelog_state s`;
  return reach ?? { oldest: 0, newest: 0 };
}
