import { createMemo, For, Show } from 'solid-js';

import { formatNames, formatNumber } from '../../i18n/format';
import type { Message, Reaction } from '../../store/message-fragments';
import { createReactions } from '../create-reactions';
import { useChatPlace } from '../place';
import { threadWords } from '../words';

/** Under a message: what people reacted with. A click gives the same, or takes one's own back. */
export function ReactionChips(props: { message: Message }) {
  // By emoji: the reactions of a message that changed are other objects, and a button made anew loses the focus and a click on its way.
  const emojis = createMemo(() => props.message.reactions.map(({ emoji }) => emoji));
  return (
    <Show when={emojis().length > 0}>
      <ul class="mt-1 flex flex-wrap gap-1">
        <For each={emojis()}>
          {(emoji) => (
            <Show when={props.message.reactions.find((reaction) => reaction.emoji === emoji)}>
              {(reaction) => (
                <li>
                  <Chip message={props.message} reaction={reaction()} />
                </li>
              )}
            </Show>
          )}
        </For>
      </ul>
    </Show>
  );
}

function Chip(props: { message: Message; reaction: Reaction }) {
  const place = useChatPlace();
  const toggle = createReactions();
  return (
    <button
      type="button"
      class="flex h-7 items-center gap-1.5 rounded-full border border-line bg-panel px-2 text-small transition-colors touch:h-10 touch:min-w-10 touch:px-3 hover:border-line-strong aria-pressed:border-accent-line aria-pressed:bg-accent-tint disabled:pointer-events-none"
      aria-pressed={props.reaction.viewerReacted}
      aria-label={`${describe(props.reaction)}, ${formatNumber(props.reaction.count)}`}
      title={describe(props.reaction)}
      disabled={place.isClosed()}
      onClick={() => void toggle(props.message, props.reaction.emoji)}
    >
      <span aria-hidden="true">{props.reaction.emoji}</span>
      <span
        class="font-mono text-tiny text-ink-soft"
        classList={{ 'text-accent!': props.reaction.viewerReacted }}
        aria-hidden="true"
      >
        {formatNumber(props.reaction.count)}
      </span>
    </button>
  );
}

function describe({ emoji, people, count }: Reaction): string {
  const names = people.map(({ name }) => name);
  return threadWords().reactedWith(emoji, formatNames(names), count - names.length);
}
