import { createSignal, onCleanup, type Accessor } from 'solid-js';

/** Whether this tab can be seen. */
export function createVisible(): Accessor<boolean> {
  const [isVisible, setVisible] = createSignal(document.visibilityState === 'visible');
  const look = () => setVisible(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', look);
  onCleanup(() => document.removeEventListener('visibilitychange', look));
  return isVisible;
}
