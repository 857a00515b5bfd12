import { createEffect, createMemo, createSignal, For, on, onCleanup, Show, type Component } from 'solid-js';
import { t } from '../i18n';
import { CopyButton } from './copy-button';
import type { Token } from './highlight';
import { highlightInWorker } from './highlight-in-worker';

/** Longer code stays plain: it would become some ten thousand elements. */
const LONGEST_HIGHLIGHTED = 40_000;

export const CodeBlock: Component<{ code: string; language: string; isOpen: boolean }> = (props) => {
  // Text whose end is still being written is read again at each delta: only a change of the code itself counts.
  const code = createMemo(() => props.code);
  const language = createMemo(() => props.language);
  const isOpen = createMemo(() => props.isOpen);
  const [lines, setLines] = createSignal<readonly Token[][]>([]);
  const rest = createMemo(() => {
    const coloured = lines().length;
    return coloured === 0 ? code() : code().split('\n').slice(coloured).join('\n');
  });

  createEffect(
    on([code, language, isOpen], ([text, name, isUnfinished]) => {
      let isWanted = true;
      onCleanup(() => (isWanted = false));
      setLines([]);
      if (isUnfinished || !name || text.length > LONGEST_HIGHLIGHTED) return;
      const add = (more: Token[][]) => isWanted && setLines((before) => [...before, ...more]);
      highlightInWorker({ code: text, language: name }, add, () => isWanted);
    }),
  );

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
        dir="ltr"
        role="region"
        aria-label={t().markdown.code(props.language)}
        class="overflow-x-auto px-3.5 py-3 font-mono text-small leading-5 outline-offset-[-2px]"
      >
        <code>
          <For each={lines()}>
            {(line, index) => (
              <>
                <Show when={index() > 0}>{'\n'}</Show>
                <For each={line}>{(token) => <span style={{ color: token.color }}>{token.content}</span>}</For>
              </>
            )}
          </For>
          <Show when={lines().length > 0 && rest()}>{'\n'}</Show>
          {rest()}
        </code>
      </pre>
    </div>
  );
};
