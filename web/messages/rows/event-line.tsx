import ChevronRight from 'lucide-solid/icons/chevron-right';
import { createSignal, For, Show } from 'solid-js';

import { formatMoment } from '../../i18n/format';
import type { Message } from '../../store/message-fragments';
import { threadWords } from '../words';

/** What happened in the room, as a line between what people say; several comings and goings as one that can be opened. */
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
    const [joined, left] = [new Set<string>(), new Set<string>()];
    for (const { id, event, author } of props.events) {
      const those = event?.kind === 'ADDED' || event?.kind === 'JOINED' ? joined : left;
      const people = event?.people.length ? event.people : [author];
      // Whose account is deleted by now came or went all the same.
      for (const person of people) those.add(person?.id ?? id);
    }
    return threadWords().foldedEvents(joined.size, left.size);
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
