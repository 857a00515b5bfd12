import { createStore } from 'solid-js/store';

/** What was typed and not sent, per person and chat. It outlives reloads and sign-outs. */
const [drafts, setDrafts] = createStore<Record<string, string>>({});

const keyOf = (viewerId: string, chatId: string) => `confab.draft.${viewerId}.${chatId}`;

export function draftOf(viewerId: string, chatId: string): string {
  const key = keyOf(viewerId, chatId);
  return drafts[key] ?? localStorage.getItem(key) ?? '';
}

export function keepDraft(viewerId: string, chatId: string, text: string): void {
  const key = keyOf(viewerId, chatId);
  setDrafts(key, text);
  if (text) localStorage.setItem(key, text);
  else localStorage.removeItem(key);
}
