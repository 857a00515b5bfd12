/** Whether a dialog keeps everybody from the rest of the page. Kobalte's dialogs do; one that does not says `aria-modal="false"`. */
export function isModalOpen(): boolean {
  return document.querySelector('[role="dialog"]:not([aria-modal="false"])') !== null;
}
