/** Whether a dialog blocks the rest of the page. Kobalte's dialogs do; others say `aria-modal="false"`. */
export function isModalOpen(): boolean {
  return document.querySelector('[role="dialog"]:not([aria-modal="false"])') !== null;
}
