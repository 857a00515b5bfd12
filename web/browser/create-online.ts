import { createSignal, onCleanup, onMount, type Accessor } from 'solid-js';

/** Whether the browser reports a network. */
export function createOnline(): Accessor<boolean> {
  const [isOnline, setOnline] = createSignal(navigator.onLine);
  const update = () => setOnline(navigator.onLine);
  onMount(() => {
    window.addEventListener('online', update);
    window.addEventListener('offline', update);
  });
  onCleanup(() => {
    window.removeEventListener('online', update);
    window.removeEventListener('offline', update);
  });
  return isOnline;
}
