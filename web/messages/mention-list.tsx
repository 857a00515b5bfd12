import Bot from 'lucide-solid/icons/bot';
import Users from 'lucide-solid/icons/users';
import { For, Show } from 'solid-js';

import { AgentMark } from '../ui/agent-mark';
import { Avatar } from '../ui/avatar';
import type { Mentionable, MentionCompletion } from './create-mention-completion';
import { composerWords } from './words';

interface MentionListProps {
  id: string;
  completion: MentionCompletion;
  onChoose: (option: Mentionable) => void;
}

export const optionId = (listId: string, index: number) => `${listId}-${index}`;

/** Above the text: whom the name that is being typed may mean. */
export function MentionList(props: MentionListProps) {
  const options = () => props.completion.options();
  return (
    <>
      <p class="sr-only" role="status">
        {options().length > 0 ? composerWords().mentionable(options().length) : ''}
      </p>
      <Show when={options().length > 0}>
        <ul
          id={props.id}
          role="listbox"
          aria-label={composerWords().mention}
          class="absolute inset-x-0 bottom-full z-30 mb-2 max-h-[40dvh] overflow-y-auto rounded-lg border border-line-strong bg-raised p-1 shadow-lift"
        >
          <For each={options()}>
            {(option, index) => (
              <li
                id={optionId(props.id, index())}
                role="option"
                aria-selected={index() === props.completion.activeIndex()}
                class="flex min-h-9 cursor-pointer items-center gap-2.5 rounded px-2 select-none hover:bg-hover aria-selected:bg-hover touch:min-h-11"
                // The field keeps the focus.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => props.onChoose(option)}
              >
                <OptionIcon option={option} />
                <span class="flex min-w-0 flex-1 items-baseline gap-2">
                  <span class="truncate">{option.person?.name ?? option.agent?.name ?? composerWords().everybody}</span>
                  <Show when={option.person?.isAgent}>
                    <AgentMark />
                  </Show>
                </span>
                <span class="shrink-0 text-tiny text-ink-faint">@{option.name}</span>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </>
  );
}

function OptionIcon(props: { option: Mentionable }) {
  return (
    <Show
      when={props.option.person}
      fallback={
        <span class="grid size-6 place-items-center text-accent" aria-hidden="true">
          {props.option.agent ? <Bot size={16} /> : <Users size={16} />}
        </span>
      }
    >
      {(person) => <Avatar name={person().name} color={person().avatarColor} isAgent={person().isAgent} isSmall />}
    </Show>
  );
}
