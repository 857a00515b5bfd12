import Search from 'lucide-solid/icons/search';

import { isComposing } from '../browser/composing';
import { chatWords } from './words';

const SEARCH_PAUSE_MS = 180;
export const chatSearchId = 'chat-search';

interface ChatSearchFieldProps {
  ref: (field: HTMLInputElement) => void;
  /** What was found last is no longer what is looked for. */
  onType: () => void;
  onSearch: (words: string) => void;
  /** After the search for what is in the field. */
  onEnter: () => void;
  /** Any other key. */
  onKey: (event: KeyboardEvent) => void;
}

/** Searches when one stops typing for a moment, and at once on Enter. */
export function ChatSearchField(props: ChatSearchFieldProps) {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function searchSoon(words: string) {
    props.onType();
    clearTimeout(timer);
    timer = setTimeout(() => props.onSearch(words), SEARCH_PAUSE_MS);
  }

  function searchNow(words: string) {
    if (words.trim() === '') return;
    clearTimeout(timer);
    props.onSearch(words);
    props.onEnter();
  }

  return (
    <label class="relative">
      <span class="sr-only">{chatWords().search}</span>
      <Search size={14} class="absolute inset-y-0 left-2.5 my-auto text-ink-faint" aria-hidden="true" />
      <input
        id={chatSearchId}
        type="search"
        dir="auto"
        class="h-8.5 w-full rounded-md border border-field bg-ground pr-2 pl-8 text-base transition-colors touch:h-10 hover:border-ink-faint focus-visible:border-accent focus-visible:outline-0 max-md:text-[16px]"
        placeholder={chatWords().search}
        ref={(element) => props.ref(element)}
        onInput={(event) => searchSoon(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !isComposing(event)) searchNow(event.currentTarget.value);
          else props.onKey(event);
        }}
      />
    </label>
  );
}
