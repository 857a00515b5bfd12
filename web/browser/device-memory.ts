/** What this browser remembers. Its storage may be full or closed to us: then what is here lasts until the page ends. */

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, text: string): void {
  try {
    if (text) localStorage.setItem(key, text);
    else localStorage.removeItem(key);
  } catch {
    // Not reported: the text still stands on the page.
  }
}
