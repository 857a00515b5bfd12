import { For } from 'solid-js';
import { keyNames } from './commands';

export function Keys(props: { keys: string }) {
  return (
    <span class="inline-flex shrink-0 gap-1">
      <For each={keyNames(props.keys)}>
        {(key) => (
          <kbd class="min-w-5 rounded border border-line-strong bg-ground px-1 text-center font-mono text-tiny text-ink-soft">
            {key}
          </kbd>
        )}
      </For>
    </span>
  );
}
