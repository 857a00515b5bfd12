import { createMemo, For, Match, Switch } from 'solid-js';

import type { Mention } from '../../store/message-fragments';
import { MentionedText } from './mentioned-text';
import { writtenPieces } from './written-pieces';

/** What a person wrote in a room: links can be opened, code is set as code, names mention people, and all else is as written. */
export function WrittenText(props: { text: string; mentions: readonly Mention[] }) {
  const pieces = createMemo(() => writtenPieces(props.text));
  return (
    <For each={pieces()}>
      {({ kind, text }) => (
        <Switch fallback={<MentionedText text={text} mentions={props.mentions} />}>
          <Match when={kind === 'link'}>
            <a
              href={text}
              target="_blank"
              rel="noopener noreferrer nofollow"
              class="text-accent underline underline-offset-3"
            >
              {text}
            </a>
          </Match>
          <Match when={kind === 'code'}>
            <code class="rounded-sm border border-line bg-raised px-1 font-mono text-[0.86em]">{text}</code>
          </Match>
          <Match when={kind === 'block'}>
            <code
              dir="ltr"
              class="my-1 block rounded-md border border-line bg-code px-3 py-2 font-mono text-[0.86em] leading-relaxed"
            >
              {text}
            </code>
          </Match>
        </Switch>
      )}
    </For>
  );
}
