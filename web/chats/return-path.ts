import { useLocation } from '@solidjs/router';
import { createEffect } from 'solid-js';

const KEY = 'confab.return-path';

/** Keeps the address of the chat that is open, for the way back from settings. It outlives a reload of this tab. */
export function createReturnPath(): void {
  const location = useLocation();
  createEffect(() => {
    try {
      sessionStorage.setItem(KEY, location.pathname + location.search);
    } catch {
      // The storage is closed to us: then leaving settings leads to a new chat.
    }
  });
}

/** The address of the chat that was open last in this tab, or where a chat begins. */
export function returnPath(): string {
  try {
    return sessionStorage.getItem(KEY) ?? '/chat';
  } catch {
    return '/chat';
  }
}
