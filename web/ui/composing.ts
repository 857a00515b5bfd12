/** While an IME composes, its keys are its own. Safari ends composing before the key: there it is code 229. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
