import { isComposing } from '../browser/composing';

/** ↓ and ↑ move the focus from one of these places to the next. Elsewhere the arrows keep their meaning. */
export function stepByArrow(event: KeyboardEvent, places: () => readonly (HTMLElement | undefined)[]): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || isComposing(event) || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const all = places();
  const place = all.indexOf(event.target as HTMLElement);
  if (place < 0) return;
  event.preventDefault();
  all[Math.max(0, place + step)]?.focus();
}
