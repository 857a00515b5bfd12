/** A page that is never idle, as while an answer is written, does the work all the same. */
const LONGEST_WAIT_MS = 200;

/** Does something when the browser is idle. Returns what cancels it. */
export function whenIdle(work: () => void): () => void {
  // Not in Safari.
  if (!('requestIdleCallback' in globalThis)) {
    const timer = setTimeout(work, 1);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(work, { timeout: LONGEST_WAIT_MS });
  return () => cancelIdleCallback(handle);
}
