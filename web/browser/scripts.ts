/** Scripts that are loaded when they are needed. */

/** In sessionStorage: when this tab was reloaded for a missing script, so that one that is missing for good does not make it reload for ever. */
const RELOADED_AT = 'confab.reloaded-for-script';
const AGAIN_AFTER_MS = 60_000;

let preloading = 0;
let isReloading = false;

/**
 * After a deploy the server has no scripts of the build that an open page is of. Where one is needed that this page has not loaded yet, the
 * page is loaded anew: drafts and messages that wait to be sent are stored.
 */
export function reloadForMissingScripts(reload = () => location.reload()): void {
  // Vite dispatches it for each import of a script that failed.
  window.addEventListener('vite:preloadError', () => {
    const reloadedAt = Number(sessionStorage.getItem(RELOADED_AT) ?? 0);
    if (preloading > 0 || !navigator.onLine || Date.now() - reloadedAt < AGAIN_AFTER_MS) return;
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    isReloading = true;
    reload();
  });
}

/** `load` imports a script. Without a network, waits until there is one and tries again. Stays pending where the page is reloaded for it. */
export async function loadScript<Module>(load: () => Promise<Module>): Promise<Module> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (isReloading) return new Promise<never>(() => undefined);
      if (navigator.onLine) throw error;
      await new Promise((resolve) => window.addEventListener('online', resolve, { once: true }));
    }
  }
}

/** Imports a script before it is needed. One that fails is imported again when it is. */
export async function preloadScript(load: () => Promise<unknown>): Promise<void> {
  preloading += 1;
  try {
    await load();
  } catch {
    // Offline, or gone with a deploy: whoever needs it is told.
  } finally {
    preloading -= 1;
  }
}
