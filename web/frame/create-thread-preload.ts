import { onCleanup } from 'solid-js';

import { preloadScript } from '../browser/scripts';

/** When the page has come to rest after its start. */
const AFTER_MS = 4_000;

/** Loads what shows a chat's messages before one is opened, and after everything that the first page needs. */
export function createThreadPreload(): void {
  const timer = setTimeout(() => void preloadScript(() => import('../chats/conversation-thread')), AFTER_MS);
  onCleanup(() => clearTimeout(timer));
}
