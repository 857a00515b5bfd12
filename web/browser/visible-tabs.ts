/** Whether some tab of this page is looked at: then no other one has to call for attention. */
import { onCleanup } from 'solid-js';

const LOCK = 'confab.visible';

/** Tells the other tabs as long as its owner lives. */
export function createVisibleTab(): void {
  let release: (() => void) | undefined;
  const look = () => {
    release?.();
    release = undefined;
    if (document.visibilityState !== 'visible') return;
    const gone = Promise.withResolvers<void>();
    release = gone.resolve;
    // A shared one: every visible tab holds it.
    void navigator.locks?.request(LOCK, { mode: 'shared' }, () => gone.promise);
  };
  look();
  document.addEventListener('visibilitychange', look);
  onCleanup(() => {
    document.removeEventListener('visibilitychange', look);
    release?.();
  });
}

export async function isAnyTabVisible(): Promise<boolean> {
  if (document.visibilityState === 'visible') return true;
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === LOCK);
}
