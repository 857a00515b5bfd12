import { Show, type Component, type JSX } from 'solid-js';
import { Dynamic } from 'solid-js/web';

type Tone = 'quiet' | 'warning' | 'danger';

const tones: Record<Tone, string> = {
  quiet: 'border-line bg-panel text-ink-soft',
  warning: 'border-warning/30 bg-warning-tint text-ink',
  danger: 'border-danger/35 bg-danger-tint text-ink',
};

/** Something to know where it matters, with what one can do about it. */
export const Notice: Component<{ tone?: Tone; actions?: JSX.Element; children: JSX.Element; class?: string }> = (
  props,
) => (
  <div
    role={props.tone === 'danger' ? 'alert' : 'status'}
    class={`flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border px-3 py-2 text-small ${tones[props.tone ?? 'quiet']} ${props.class ?? ''}`}
  >
    <div class="min-w-0 flex-1 basis-48">{props.children}</div>
    <Show when={props.actions}>
      <div class="flex flex-wrap gap-2">{props.actions}</div>
    </Show>
  </div>
);

/** A place with nothing in it yet, which says what would be there. */
export const EmptyState: Component<{
  title: string;
  hint?: string | undefined;
  /** Where this is all there is on a page, its title is the page's. */
  isPage?: boolean;
  icon?: JSX.Element;
  children?: JSX.Element;
}> = (props) => (
  <div class="flex flex-col items-center gap-2 px-6 py-10 text-center">
    <Show when={props.icon}>
      <div class="mb-1 text-ink-faint" aria-hidden="true">
        {props.icon}
      </div>
    </Show>
    <Dynamic component={props.isPage ? 'h1' : 'p'} class="font-medium text-ink">
      {props.title}
    </Dynamic>
    <Show when={props.hint}>
      <p class="max-w-80 text-small text-ink-faint">{props.hint}</p>
    </Show>
    {props.children}
  </div>
);
