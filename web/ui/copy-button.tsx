import Check from 'lucide-solid/icons/check';
import Copy from 'lucide-solid/icons/copy';
import { createSignal, onCleanup, Show, type Component } from 'solid-js';
import { IconButton } from './button';

const SHOWN_MS = 1_500;

export const CopyButton: Component<{ label: string; doneLabel: string; text: () => string; class?: string }> = (
  props,
) => {
  const [isDone, setDone] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  async function copy() {
    await copyText(props.text());
    setDone(true);
    clearTimeout(timer);
    timer = setTimeout(() => setDone(false), SHOWN_MS);
  }

  return (
    <IconButton label={isDone() ? props.doneLabel : props.label} class={props.class ?? ''} onClick={() => void copy()}>
      <Show when={isDone()} fallback={<Copy size={15} aria-hidden="true" />}>
        <Check size={15} class="text-accent" aria-hidden="true" />
      </Show>
    </IconButton>
  );
};

/** Over plain http, as on a home server, browsers have no clipboard but this old one. */
export async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
