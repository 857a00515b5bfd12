import { createEffect, createSignal, on, onCleanup, type Accessor } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { MentionableQuery } from '../generated/graphql';
import { fetchFresh } from '../graphql/client';
import { insertText } from './insert-text';

const Mentionable = graphql(`
  query Mentionable($chatId: ID!, $search: String!) {
    chat(id: $chatId) {
      mentionable(search: $search, first: 6) {
        name
        person {
          ...PersonFields
        }
        agent {
          id
          name
        }
      }
    }
  }
`);

export type Mentionable = NonNullable<MentionableQuery['chat']>['mentionable'][number];

const SEARCH_PAUSE_MS = 80;

/** What stands between an `@` and the caret; null where no name is being typed. */
export function nameAtCaret(text: string, caret: number): { from: number; search: string } | null {
  const before = text.slice(Math.max(0, caret - 60), caret);
  const [, search] = /(?<![\p{L}\p{N}_.+/@-])@([\p{L}\p{N}._-]{0,31})$/u.exec(before) ?? [];
  return search === undefined ? null : { from: caret - search.length - 1, search };
}

interface CompletionOptions {
  /** Null outside of rooms: there are no mentions there. */
  roomId: Accessor<string | null>;
  /** Whether `@room` is offered. */
  canMentionRoom: Accessor<boolean>;
}

export type MentionCompletion = ReturnType<typeof createMentionCompletion>;

/** Names of the room's people and agents, offered while one types after `@`. */
export function createMentionCompletion({ roomId, canMentionRoom }: CompletionOptions) {
  const { client } = useFeed();
  const [typed, setTyped] = createSignal<ReturnType<typeof nameAtCaret>>(null, {
    equals: (one, other) => one?.from === other?.from && one?.search === other?.search,
  });
  const [options, setOptions] = createSignal<readonly Mentionable[]>([]);
  const [activeIndex, setActiveIndex] = createSignal(0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  createEffect(
    on(typed, (name) => {
      clearTimeout(timer);
      if (!name) return setOptions([]);
      timer = setTimeout(() => void find(name.search), SEARCH_PAUSE_MS);
    }),
  );

  async function find(search: string) {
    const chatId = roomId();
    if (!chatId) return;
    const { data } = await fetchFresh(client, Mentionable, { chatId, search });
    if (typed()?.search !== search || !data?.chat) return;
    const everybody = canMentionRoom() && 'room'.startsWith(search.toLowerCase());
    setOptions([...data.chat.mentionable, ...(everybody ? [{ name: 'room', person: null, agent: null }] : [])]);
    setActiveIndex(0);
  }

  function close() {
    setTyped(null);
  }

  /** Puts the name in the place of what was typed. */
  function choose(field: HTMLTextAreaElement, option: Mentionable) {
    const name = typed();
    if (!name) return;
    field.focus();
    field.setSelectionRange(name.from, name.from + 1 + name.search.length);
    insertText(field, `@${option.name} `);
    close();
  }

  return {
    options,
    activeIndex,
    isOpen: () => options().length > 0,
    choose,
    close,
    /** To be called when the text or the caret may have changed. */
    look(field: HTMLTextAreaElement) {
      const hasSelection = field.selectionStart !== field.selectionEnd;
      setTyped(roomId() && !hasSelection ? nameAtCaret(field.value, field.selectionStart) : null);
    },
    /** Whether the key was for the list. */
    handleKey(event: KeyboardEvent, field: HTMLTextAreaElement): boolean {
      const count = options().length;
      if (count === 0) return false;
      const option = options()[activeIndex()];
      if (event.key === 'ArrowDown') setActiveIndex((activeIndex() + 1) % count);
      else if (event.key === 'ArrowUp') setActiveIndex((activeIndex() + count - 1) % count);
      else if (event.key === 'Escape') close();
      else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey && option) choose(field, option);
      else return false;
      return true;
    },
  };
}
