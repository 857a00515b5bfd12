import { createSignal, onCleanup, type Accessor } from 'solid-js';

/** Whether the screen is as the query says, such as `(width < 64rem)`. */
export function createMediaQuery(query: string): Accessor<boolean> {
  const list = window.matchMedia(query);
  const [isMatching, setMatching] = createSignal(list.matches);
  const update = () => setMatching(list.matches);
  list.addEventListener('change', update);
  onCleanup(() => list.removeEventListener('change', update));
  return isMatching;
}
