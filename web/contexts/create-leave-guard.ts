import { useBeforeLeave, type BeforeLeaveEventArgs } from '@solidjs/router';
import { createSignal, onCleanup, onMount, type Accessor } from 'solid-js';

/** Asks before the page is left with something unsaved, by a link or by closing the tab. */
export function createLeaveGuard(isUnsaved: Accessor<boolean>) {
  const [held, setHeld] = createSignal<BeforeLeaveEventArgs | null>(null);

  useBeforeLeave((leaving) => {
    if (!isUnsaved() || leaving.defaultPrevented) return;
    leaving.preventDefault();
    setHeld(leaving);
  });

  const warn = (event: BeforeUnloadEvent) => isUnsaved() && event.preventDefault();
  onMount(() => window.addEventListener('beforeunload', warn));
  onCleanup(() => window.removeEventListener('beforeunload', warn));

  return {
    isHeld: () => held() !== null,
    stay: () => setHeld(null),
    leave: () => {
      const leaving = held();
      setHeld(null);
      leaving?.retry(true);
    },
  };
}
