import { createMemo, createSignal, onCleanup, type Accessor } from 'solid-js';

/** In milliseconds: what takes less may run at each change. */
const SHORT = 16;
/** In milliseconds: no change waits longer. */
const LONGEST_WAIT = 250;
/** A run is followed by a pause of this many times its duration. */
const PAUSE = 3;

/**
 * A memo of something costly that changes often. After a run that took long, changes wait for a while and share the next
 * run, so that most of the time is left for other things.
 * @param mayWait whether changes may wait, given the last value. When this becomes false, the value is computed at once.
 */
export function createPacedMemo<T>(
  compute: (before: T) => T,
  initial: T,
  mayWait: (before: T) => boolean,
): Accessor<T> {
  const [pauseEnd, endPause] = createSignal(undefined, { equals: false });
  let pauseUntil = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  return createMemo((before: T) => {
    pauseEnd();
    clearTimeout(timer);
    const start = performance.now();
    if (mayWait(before) && start < pauseUntil) {
      // Nothing that `compute` reads is tracked now: what changes until the pause ends starts no run.
      timer = setTimeout(() => endPause(), pauseUntil - start);
      return before;
    }
    const value = compute(before);
    const end = performance.now();
    pauseUntil = end - start > SHORT ? end + Math.min(LONGEST_WAIT, PAUSE * (end - start)) : 0;
    return value;
  }, initial);
}
