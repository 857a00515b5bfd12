import { createEffect, createSignal, For, on, onCleanup, Show } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import { fetchFresh } from '../graphql/client';
import type { Person } from '../store/person-fragments';
import { AgentMark } from '../ui/agent-mark';
import { Avatar } from '../ui/avatar';
import { inputShape } from '../ui/field';
import { roomWords } from './words';

const People = graphql(`
  query People($search: String!) {
    people(search: $search, first: 8) {
      ...PersonFields
    }
  }
`);

const SEARCH_PAUSE_MS = 180;

/** Finds people of this installation, and adds the chosen one. */
export function AddPeople(props: { memberIds: ReadonlySet<string>; onAdd: (person: Person) => void }) {
  const { client } = useFeed();
  const [search, setSearch] = createSignal('');
  const [found, setFound] = createSignal<readonly Person[] | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  createEffect(
    on(search, (words) => {
      clearTimeout(timer);
      if (words.trim() === '') return setFound(null);
      timer = setTimeout(() => void find(words), SEARCH_PAUSE_MS);
    }),
  );

  async function find(words: string) {
    const { data } = await fetchFresh(client, People, { search: words });
    if (words === search() && data) setFound(data.people);
  }

  const addable = () => found()?.filter(({ id }) => !props.memberIds.has(id)) ?? [];

  return (
    <div class="flex flex-col gap-1">
      <input
        type="search"
        dir="auto"
        class={`${inputShape} h-9 touch:h-10`}
        aria-label={roomWords().add}
        placeholder={roomWords().addHint}
        value={search()}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <Show when={found() && addable().length === 0}>
        <p role="status" class="px-1 text-small text-ink-faint">
          {roomWords().noneFound}
        </p>
      </Show>
      <ul>
        <For each={addable()}>
          {(person) => (
            <li>
              <button
                type="button"
                class="flex min-h-9 w-full items-center gap-2.5 rounded-md px-2 text-left hover:bg-hover touch:min-h-11"
                onClick={() => {
                  props.onAdd(person);
                  setSearch('');
                }}
              >
                <Avatar name={person.name} color={person.avatarColor} isAgent={person.isAgent} isSmall />
                <span class="flex min-w-0 flex-1 items-baseline gap-2">
                  <span class="truncate">{person.name}</span>
                  <Show when={person.isAgent}>
                    <AgentMark />
                  </Show>
                </span>
                <span class="shrink-0 text-tiny text-ink-faint">@{person.handle}</span>
              </button>
            </li>
          )}
        </For>
      </ul>
    </div>
  );
}
