/** While an IME composes, its keys are its own. Safari ends composing before the key: there it is code 229. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Whether text is typed on a screen, where Enter is the only key that breaks a line: there is no Shift+Enter. */
export function isTouchKeyboard(): boolean {
  return window.matchMedia('(hover: none) and (pointer: coarse)').matches;
}

/** Enter where there is a keyboard, and Ctrl or ⌘ with Enter everywhere: a tablet may have a keyboard too. */
export function isSendKey(event: KeyboardEvent): boolean {
  if (event.key !== 'Enter' || event.shiftKey || event.altKey || isComposing(event)) return false;
  return event.ctrlKey || event.metaKey || !isTouchKeyboard();
}
