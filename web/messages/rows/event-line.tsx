import ChevronRight from 'lucide-solid/icons/chevron-right';
import { createSignal, For, Show } from 'solid-js';

import { formatMoment } from '../../i18n/format';
import type { Message } from '../../store/message-fragments';
import { threadWords } from '../words';

/** What happened in the room, as a quiet line between what people say; several comings and goings as one that can be opened. */
export function EventLine(props: { message: Message; folded: readonly Message[] | null }) {
  return (
    <Show when={props.folded} fallback={<OneEvent message={props.message} />}>
      {(events) => <FoldedEvents events={events()} />}
    </Show>
  );
}

function OneEvent(props: { message: Message }) {
  const words = () => {
    const { event, author } = props.message;
    if (!event) return '';
    const names = [...event.people, ...event.agents].map(({ name }) => name).join(', ') || threadWords().formerMember;
    return threadWords().events[event.kind](author?.name ?? threadWords().formerMember, names, event.text);
  };
  return (
    <p class="text-center text-small text-ink-faint" title={formatMoment(props.message.createdAt)}>
      {words()}
    </p>
  );
}

function FoldedEvents(props: { events: readonly Message[] }) {
  const [isOpen, setOpen] = createSignal(false);
  const words = () => {
    let [joined, left] = [0, 0];
    for (const { event } of props.events) {
      // Who is gone by now came or went all the same.
      const count = Math.max(1, event?.people.length ?? 0);
      if (event?.kind === 'ADDED' || event?.kind === 'JOINED') joined += event.kind === 'JOINED' ? 1 : count;
      else left += count;
    }
    return threadWords().foldedEvents(joined, left);
  };
  return (
    <div class="flex flex-col gap-1">
      <button
        type="button"
        class="mx-auto flex min-h-6 items-center gap-1 rounded px-2 text-small text-ink-faint hover:bg-hover hover:text-ink touch:min-h-10"
        aria-expanded={isOpen()}
        onClick={() => setOpen(!isOpen())}
      >
        <ChevronRight size={13} aria-hidden="true" class="transition-transform" classList={{ 'rotate-90': isOpen() }} />
        {words()}
      </button>
      <Show when={isOpen()}>
        <For each={props.events}>{(message) => <OneEvent message={message} />}</For>
      </Show>
    </div>
  );
}
