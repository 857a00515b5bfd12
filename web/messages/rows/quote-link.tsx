import CornerUpRight from 'lucide-solid/icons/corner-up-right';
import { Show } from 'solid-js';

import { chatPath } from '../../store/chat-fragments';
import type { Quote } from '../../store/message-fragments';
import { useChatPlace } from '../place';
import { threadWords } from '../words';

/** Above a reply: what it replies to, as it is now. Leads there. */
export function QuoteLink(props: { quote: Quote }) {
  const place = useChatPlace();
  return (
    <a
      href={`${chatPath(place.chatId)}?message=${props.quote.id}`}
      class="flex max-w-full min-w-0 items-center gap-1.5 self-start text-small text-ink-faint hover:text-ink touch:min-h-10"
      aria-label={`${threadWords().quoteOf(nameOf(props.quote))}: ${wordsOf(props.quote)}`}
      onClick={(event) => {
        // The address would not change where it names that message already.
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        place.showMessage(props.quote.id);
      }}
    >
      <CornerUpRight size={13} class="shrink-0" aria-hidden="true" />
      <span class="shrink-0 font-medium">{nameOf(props.quote)}</span>
      <span class="truncate" classList={{ italic: props.quote.isDeleted }} dir="auto">
        {wordsOf(props.quote)}
      </span>
    </a>
  );
}

export function nameOf({ author, agent }: Pick<Quote, 'author' | 'agent'>): string {
  return author?.name ?? agent?.name ?? threadWords().formerMember;
}

function wordsOf({ isDeleted, excerpt }: Quote): string {
  return isDeleted ? threadWords().deleted : excerpt;
}

/** The quote of a reply that is not sent yet, in the thread or above the composer. */
export function QuoteLine(props: { name: string; words: string }) {
  return (
    <p class="flex min-w-0 flex-1 items-center gap-1.5 text-small text-ink-faint">
      <CornerUpRight size={13} class="shrink-0" aria-hidden="true" />
      <span class="shrink-0 font-medium">{props.name}</span>
      <Show when={props.words}>
        <span class="truncate" dir="auto">
          {props.words}
        </span>
      </Show>
    </p>
  );
}
