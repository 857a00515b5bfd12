import { isComposing, isSendKey } from '../browser/composing';

/** What the keys do besides writing. Without a function, a key is left to the browser. */
export interface ComposerKeys {
  text: string;
  isRunning: boolean;
  /** ↑ in the empty box. */
  onEditLast?: () => void;
  /** Esc is for something else first: returns whether it was used. */
  onEscape?: () => boolean;
  /** End in the empty box. */
  onEnd?: () => void;
  /** Esc has taken the focus from the empty box: where it is to be instead. */
  onLeave?: () => void;
}

export type FieldKeyEvent = KeyboardEvent & { currentTarget: HTMLTextAreaElement };

export function handleComposerKey(event: FieldKeyEvent, keys: ComposerKeys, send: () => void): void {
  if (isSendKey(event)) {
    event.preventDefault();
    return send();
  }
  if (isComposing(event) || hasModifier(event)) return;
  if (event.key === 'Escape' && keys.onEscape?.()) return event.preventDefault();
  if (keys.text !== '') return;
  if (event.key === 'ArrowUp' && keys.onEditLast) {
    event.preventDefault();
    keys.onEditLast();
  }
  if (event.key === 'End' && keys.onEnd) {
    event.preventDefault();
    keys.onEnd();
  }
  // While an answer is written, Esc is the page's key to stop it.
  if (event.key === 'Escape' && !keys.isRunning) {
    event.preventDefault();
    event.currentTarget.blur();
    keys.onLeave?.();
  }
}

function hasModifier(event: KeyboardEvent): boolean {
  return event.shiftKey || event.altKey || event.ctrlKey || event.metaKey;
}
