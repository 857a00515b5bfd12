import { createSignal, onCleanup, type Accessor } from 'solid-js';

/** A page that was not touched for so long counts as inactive. */
export const IDLE_MS = 5 * 60_000;

/** Whether the page is in use. Changes a few times an hour at most: nothing is said in between. */
export function createActivity(): Accessor<boolean> {
  const [isActive, setActive] = createSignal(true);
  let usedAt = Date.now();
  let timer = setTimeout(check, IDLE_MS);
  const listening = new AbortController();
  for (const event of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'focus'])
    window.addEventListener(event, use, { passive: true, capture: true, signal: listening.signal });
  onCleanup(() => {
    clearTimeout(timer);
    listening.abort();
  });
  return isActive;

  function use() {
    usedAt = Date.now();
    if (isActive()) return;
    setActive(true);
    timer = setTimeout(check, IDLE_MS);
  }

  function check() {
    const left = usedAt + IDLE_MS - Date.now();
    if (left > 0) timer = setTimeout(check, left);
    else setActive(false);
  }
}
