import { Show, type JSX } from 'solid-js';

import { daysAgo, formatDay } from '../../i18n/format';
import type { Message } from '../../store/message-fragments';
import type { RowLayout } from '../room-layout';
import { threadWords } from '../words';

/** A row of a room, below the day and the line that it begins. */
export function RoomRow(props: { message: Message; layout: RowLayout | undefined; children: JSX.Element }) {
  const isFoldedAway = () => props.layout?.folded?.length === 0;
  return (
    <div
      class="flex flex-col gap-4"
      // What is folded into an earlier row has no height of its own.
      classList={{ '-mt-4': isFoldedAway(), '-mt-3': props.layout?.isContinued ?? false }}
      data-message={props.message.id}
    >
      <Show when={props.layout?.beginsDay}>
        <DayLine at={props.message.createdAt} />
      </Show>
      <Show when={props.layout?.isFirstUnread}>
        <p class="flex items-center gap-3 text-tiny font-semibold text-danger" data-new-line>
          <span class="h-px flex-1 bg-danger" aria-hidden="true" />
          {threadWords().newMessages}
        </p>
      </Show>
      <Show when={!isFoldedAway()}>{props.children}</Show>
    </div>
  );
}

function DayLine(props: { at: string }) {
  const words = () => {
    const days = daysAgo(props.at);
    if (days === 0) return threadWords().today;
    return days === 1 ? threadWords().yesterday : formatDay(props.at);
  };
  return (
    <p class="flex items-center gap-3 text-tiny font-medium text-ink-faint" data-day>
      <span class="h-px flex-1 bg-line" aria-hidden="true" />
      <time datetime={props.at}>{words()}</time>
      <span class="h-px flex-1 bg-line" aria-hidden="true" />
    </p>
  );
}
