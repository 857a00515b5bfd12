import { createSignal } from 'solid-js';

interface EditRequest {
  messageId: string;
  /** What had the focus, and gets it again when the editor closes. */
  from: Element | null;
}

const [request, setRequest] = createSignal<EditRequest | null>(null);

/** Asks the row of an own message to open its editor. */
export function requestEdit(messageId: string): void {
  setRequest({ messageId, from: document.activeElement });
}

/** The request to this message, if there is one; it is answered by taking it. */
export function takeEditRequest(messageId: string): EditRequest | null {
  const found = request();
  if (found?.messageId !== messageId) return null;
  setRequest(null);
  return found;
}
