import X from 'lucide-solid/icons/x';
import { createSignal, For, Show, type Component } from 'solid-js';
import { Button, IconButton } from './button';

interface Toast {
  id: number;
  words: string;
  action: { label: string; run: () => void } | undefined;
}

const SHOWN_MS = 6_000;
/** One needs longer to decide than to read. */
const SHOWN_WITH_ACTION_MS = 10_000;

const [toasts, setToasts] = createSignal<readonly Toast[]>([]);
let lastId = 0;

/** Says something in passing; what must not be missed belongs where it happened instead. */
export function toast(words: string, action?: Toast['action']): void {
  const id = ++lastId;
  setToasts([...toasts().slice(-2), { id, words, action }]);
  setTimeout(() => dismiss(id), action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
}

function dismiss(id: number) {
  setToasts(toasts().filter((each) => each.id !== id));
}

export const Toasts: Component<{ dismissLabel: string }> = (props) => (
  <div
    role="status"
    aria-live="polite"
    class="pointer-events-none fixed inset-x-0 bottom-[calc(env(safe-area-inset-bottom)+9rem)] z-[60] flex flex-col items-center gap-2 px-4"
  >
    <For each={toasts()}>
      {(each) => (
        <div class="pointer-events-auto flex max-w-md animate-[appear_140ms_ease-out] items-center gap-3 rounded-lg border border-line-strong bg-raised py-1.5 pr-1.5 pl-4 text-small shadow-lift">
          <span class="min-w-0 flex-1 break-words">{each.words}</span>
          <Show when={each.action}>
            {(action) => (
              <Button
                isSmall
                look="quiet"
                class="font-medium text-accent!"
                onClick={() => {
                  dismiss(each.id);
                  action().run();
                }}
              >
                {action().label}
              </Button>
            )}
          </Show>
          <IconButton label={props.dismissLabel} class="size-7!" onClick={() => dismiss(each.id)}>
            <X size={14} aria-hidden="true" />
          </IconButton>
        </div>
      )}
    </For>
  </div>
);
