import { createEffect, createSignal, For, on, Show, type Component } from 'solid-js';
import { t } from '../i18n';
import { CopyButton } from './copy-button';
import type { Token } from './highlight';

/** Longer code stays plain: colouring it would hold up the page. */
const LONGEST_HIGHLIGHTED = 40_000;

export const CodeBlock: Component<{ code: string; language: string; isOpen: boolean }> = (props) => {
  const [lines, setLines] = createSignal<Token[][] | null>(null);

  createEffect(
    on(
      () => [props.code, props.language, props.isOpen] as const,
      ([code, language, isOpen]) => {
        setLines(null);
        if (!isOpen && language && code.length <= LONGEST_HIGHLIGHTED) void colour(code, language);
      },
    ),
  );

  async function colour(code: string, language: string) {
    try {
      const { highlight } = await import('./highlight');
      const coloured = await highlight(code, language);
      if (props.code === code) setLines(coloured);
    } catch {
      // Plain code is code too.
    }
  }

  return (
    <div class="overflow-hidden rounded-lg border border-line bg-code">
      <div class="flex h-9 items-center border-b touch:h-11 border-line pr-1 pl-3.5">
        <span class="flex-1 font-mono text-tiny text-ink-faint">{props.language}</span>
        <CopyButton
          class="size-7! touch:size-10!"
          label={t().markdown.copyCode}
          doneLabel={t().common.copied}
          text={() => props.code}
        />
      </div>
      <pre
        tabindex="0"
        role="region"
        aria-label={t().markdown.code(props.language)}
        class="overflow-x-auto px-3.5 py-3 font-mono text-small leading-5 outline-offset-[-2px]"
      >
        <code>
          <Show when={lines()} fallback={props.code}>
            {(coloured) => (
              <For each={coloured()}>
                {(line, index) => (
                  <>
                    <Show when={index() > 0}>{'\n'}</Show>
                    <For each={line}>{(token) => <span style={{ color: token.color }}>{token.content}</span>}</For>
                  </>
                )}
              </For>
            )}
          </Show>
        </code>
      </pre>
    </div>
  );
};
