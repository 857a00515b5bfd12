import { createMemo, For, Show } from 'solid-js';
import { contextWords } from './words';
import { diffLines, type DiffLine } from './line-diff';

const marks: Record<DiffLine['kind'], string> = { same: ' ', added: '+', removed: '−' };

export function DiffView(props: { label: string; before: string; after: string }) {
  const lines = createMemo(() => diffLines(props.before, props.after));
  const isSame = () => lines().every((line) => line.kind === 'same');
  const named = (kind: DiffLine['kind']) =>
    kind === 'same' ? undefined : kind === 'added' ? contextWords().added : contextWords().removed;

  return (
    <figure class="flex flex-col gap-2">
      <figcaption class="text-small text-ink-soft">{props.label}</figcaption>
      <Show when={!isSame()} fallback={<p class="text-small text-ink-faint">{contextWords().same}</p>}>
        <div
          role="region"
          aria-label={props.label}
          tabindex="0"
          class="max-h-96 overflow-auto rounded-lg border border-line bg-code py-2 font-mono text-small leading-5"
        >
          <For each={lines()}>
            {(line) => (
              <div
                class="flex gap-3 px-3 whitespace-pre-wrap"
                classList={{
                  'bg-accent-tint': line.kind === 'added',
                  'bg-danger-tint': line.kind === 'removed',
                  'text-ink-faint': line.kind === 'same',
                }}
              >
                <span class="shrink-0 select-none" aria-hidden="true">
                  {marks[line.kind]}
                </span>
                <span dir="auto" class="min-w-0 break-words">
                  <Show when={named(line.kind)}>{(name) => <span class="sr-only">{name()}: </span>}</Show>
                  {line.text || '\u00a0'}
                </span>
              </div>
            )}
          </For>
        </div>
      </Show>
    </figure>
  );
}
