import { createEffect, onCleanup, type Accessor } from 'solid-js';
import { isModalOpen } from '../ui/modal';

/** After the last key or click. */
const QUIET_MS = 5_000;
const LOOK_EVERY_MS = 1_000;
/** In sessionStorage: the version that this tab was reloaded for, so that nodes of two versions do not make it reload for ever. */
const RELOADED_FOR = 'confab.reloaded-for';

/**
 * Reloads a page that is older than the server's, as soon as it is not in use: it is hidden, or was not touched for some seconds. Drafts and
 * messages that wait to be sent are stored when a page is left. With an unsaved context or an open dialog it waits.
 */
export function createPageUpdate(
  serverVersion: Accessor<string | null>,
  { own, reload } = { own: pageVersion(), reload: () => location.reload() },
): void {
  let touchedAt = performance.now();
  const touch = () => void (touchedAt = performance.now());
  for (const type of ['keydown', 'pointerdown', 'wheel']) {
    document.addEventListener(type, touch, { capture: true, passive: true });
    onCleanup(() => document.removeEventListener(type, touch, { capture: true }));
  }

  createEffect(() => {
    const version = serverVersion();
    if (!own || !version || version === own || sessionStorage.getItem(RELOADED_FOR) === version) return;
    const timer = setInterval(() => {
      const isQuiet = document.visibilityState === 'hidden' || performance.now() - touchedAt > QUIET_MS;
      if (!isQuiet || isModalOpen() || hasUnsaved()) return;
      clearInterval(timer);
      sessionStorage.setItem(RELOADED_FOR, version);
      reload();
    }, LOOK_EVERY_MS);
    onCleanup(() => clearInterval(timer));
  });
}

/** The name of the script that started this page. Null on a development server, which replaces its modules by itself. */
function pageVersion(): string | null {
  const script = document.querySelector<HTMLScriptElement>('script[type=module][src^="/assets/"]');
  return script ? (script.src.split('/').at(-1) ?? null) : null;
}

/** Whether a form has been filled in, or something asks the browser to warn before the page is left. Drafts of messages are stored. */
function hasUnsaved(): boolean {
  const fields = [
    ...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('form :is(input, textarea)[name]'),
  ];
  if (fields.some((field) => field.value !== field.defaultValue)) return true;
  return !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
}
