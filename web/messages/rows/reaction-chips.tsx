import { For, Show } from 'solid-js';

import { formatNames, formatNumber } from '../../i18n/format';
import type { Message, Reaction } from '../../store/message-fragments';
import { createReactions } from '../create-reactions';
import { useChatPlace } from '../place';
import { threadWords } from '../words';

/** Under a message: what people reacted with. A click gives the same, or takes one's own back. */
export function ReactionChips(props: { message: Message }) {
  const place = useChatPlace();
  const toggle = createReactions();
  return (
    <Show when={props.message.reactions.length > 0}>
      <ul class="mt-1 flex flex-wrap gap-1">
        <For each={props.message.reactions}>
          {(reaction) => (
            <li>
              <button
                type="button"
                class="flex h-7 items-center gap-1.5 rounded-full border border-line bg-panel px-2 text-small transition-colors touch:h-10 touch:min-w-10 touch:px-3 hover:border-line-strong aria-pressed:border-accent-line aria-pressed:bg-accent-tint disabled:pointer-events-none"
                aria-pressed={reaction.viewerReacted}
                aria-label={`${describe(reaction)}, ${formatNumber(reaction.count)}`}
                title={describe(reaction)}
                disabled={place.isClosed()}
                onClick={() => void toggle(props.message, reaction.emoji)}
              >
                <span aria-hidden="true">{reaction.emoji}</span>
                <span
                  class="font-mono text-tiny text-ink-soft"
                  classList={{ 'text-accent!': reaction.viewerReacted }}
                  aria-hidden="true"
                >
                  {formatNumber(reaction.count)}
                </span>
              </button>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}

function describe({ emoji, people, count }: Reaction): string {
  const names = people.map(({ name }) => name);
  return threadWords().reactedWith(emoji, formatNames(names), count - names.length);
}
