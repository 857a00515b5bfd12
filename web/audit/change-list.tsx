import { For, Show } from 'solid-js';
import type { ChangeOperation } from '../generated/graphql';
import { formatMomentInDetail } from '../i18n/format';
import { keyOf, type ShownChange } from './documents';
import { sayActor } from './say-change';
import { auditWords } from './words';

interface ChangeListProps {
  changes: readonly ShownChange[];
  chosen: string | null;
  onChoose: (change: ShownChange) => void;
}

const tones: Record<ChangeOperation, string> = {
  INSERT: 'text-accent',
  UPDATE: 'text-ink-soft',
  DELETE: 'text-danger',
  MIGRATION: 'text-warning',
};

/** The newest first. The arrow keys go from one to the next. */
export function ChangeList(props: ChangeListProps) {
  function step(event: KeyboardEvent & { currentTarget: HTMLElement }) {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0) return;
    const rows = [...event.currentTarget.querySelectorAll('button')];
    const next = rows[rows.indexOf(event.target as HTMLButtonElement) + by];
    if (!next) return;
    event.preventDefault();
    next.focus();
    // Beside the list a panel shows what one comes to.
    if (props.chosen) next.click();
  }

  return (
    <ul
      aria-label={auditWords().list}
      class="flex flex-col overflow-hidden rounded-lg border border-line empty:hidden"
      onKeyDown={step}
    >
      <For each={props.changes}>
        {(change) => (
          <li class="border-t border-line [contain-intrinsic-size:auto_3.5rem] [content-visibility:auto] first:border-0">
            <button
              type="button"
              class="flex w-full flex-col gap-0.5 px-3 py-2 text-left -outline-offset-2 hover:bg-hover"
              classList={{ chosen: props.chosen === keyOf(change) }}
              aria-expanded={props.chosen === keyOf(change)}
              onClick={() => props.onChoose(change)}
            >
              <span class="flex w-full items-baseline gap-2">
                <span class="min-w-0 flex-1 truncate">
                  <span class={`text-small ${tones[change.operation]}`}>
                    {auditWords().operations[change.operation]}
                  </span>{' '}
                  <span class="font-mono text-small">{change.table}</span>
                </span>
                <time datetime={change.at} class="shrink-0 font-mono text-tiny text-ink-faint">
                  {formatMomentInDetail(change.at)}
                </time>
              </span>
              <span class="flex w-full items-baseline gap-2 text-small text-ink-faint">
                <span class="min-w-0 shrink-0 max-w-1/2 truncate text-ink-soft">{sayActor(change.actor)}</span>
                <Show when={change.operation === 'UPDATE'} fallback={<span class="min-w-0 flex-1" />}>
                  <span class="min-w-0 flex-1 truncate font-mono text-tiny">
                    {change.fields.map(({ name }) => name).join(', ')}
                  </span>
                </Show>
                <span class="shrink-0 font-mono text-tiny">{change.commit}</span>
              </span>
            </button>
          </li>
        )}
      </For>
    </ul>
  );
}
