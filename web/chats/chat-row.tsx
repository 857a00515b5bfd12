import { A } from '@solidjs/router';
import BellOff from 'lucide-solid/icons/bell-off';
import Check from 'lucide-solid/icons/check';
import Hash from 'lucide-solid/icons/hash';
import Pin from 'lucide-solid/icons/pin';
import { Match, Show, Switch } from 'solid-js';

import { formatWhen } from '../i18n/format';
import { unseenOf } from '../rooms/room-in-view';
import { chatPath, titleOf, type Chat } from '../store/chat-fragments';
import { OwnDirection } from '../ui/own-direction';
import { markOf } from './answer-marks';
import { ChatMenu } from './chat-menu';
import type { ChatActions } from './create-chat-actions';
import { lastActivity } from './create-chat-list';
import { chatWords } from './words';

/** One chat of the list. */
export function ChatRow(props: { chat: Chat; actions: ChatActions; onRename: () => void }) {
  const isMuted = () => props.chat.mutedAt !== null;
  const unreadCount = () => (isMuted() ? 0 : unseenOf(props.chat).unreadCount);
  const mentionCount = () => (isMuted() ? 0 : unseenOf(props.chat).mentionCount);
  return (
    <li class="group relative">
      <A
        href={chatPath(props.chat.id)}
        class="flex h-9 items-center gap-2 rounded-md pr-2 pl-2 text-ink-soft group-focus-within:pr-9 group-hover:pr-9 group-has-aria-expanded:pr-9 hover:bg-hover hover:text-ink touch:h-11 touch:pr-11"
        activeClass="chosen text-ink!"
      >
        <Show when={props.chat.pinnedAt}>
          <Pin size={12} class="shrink-0 text-accent" aria-label={chatWords().pinned} />
        </Show>
        <Show when={props.chat.kind === 'ROOM'}>
          <Hash size={13} class="shrink-0 text-ink-faint" aria-label={chatWords().room} />
        </Show>
        <div
          class="min-w-0 flex-1"
          classList={{ 'font-semibold text-ink': unreadCount() > 0, 'text-ink-faint': isMuted() }}
        >
          <OwnDirection text={titleOf(props.chat)} />
        </div>
        <Show when={isMuted()}>
          <BellOff size={12} class="shrink-0 text-ink-faint" aria-label={chatWords().muted} />
        </Show>
        <Show when={mentionCount() > 0}>
          <span
            class="shrink-0 rounded-full bg-accent px-1.5 text-tiny font-semibold text-accent-ink"
            aria-label={chatWords().mentions(mentionCount())}
          >
            @{mentionCount() > 99 ? '99+' : mentionCount()}
          </span>
        </Show>
        <Show when={unreadCount() > 0}>
          <span
            class="shrink-0 rounded-full border border-line-strong px-1.5 text-tiny font-semibold text-ink-soft"
            aria-label={chatWords().unread(unreadCount())}
          >
            {unreadCount() > 99 ? '99+' : unreadCount()}
          </span>
        </Show>
        <AnswerMark chat={props.chat} />
        <time
          class="shrink-0 font-mono text-tiny text-ink-faint group-focus-within:hidden group-hover:hidden group-has-aria-expanded:hidden"
          datetime={lastActivity(props.chat)}
        >
          {formatWhen(lastActivity(props.chat))}
        </time>
      </A>
      <ChatMenu
        class="absolute! top-0.5 right-0.5 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 aria-expanded:opacity-100 touch:opacity-100"
        label={chatWords().actionsOf(titleOf(props.chat))}
        chat={props.chat}
        actions={props.actions}
        onRename={props.onRename}
      />
    </li>
  );
}

/** That an answer is being written in a chat, or has come since one last saw it. */
function AnswerMark(props: { chat: Chat }) {
  return (
    <Switch>
      <Match when={markOf(props.chat) === 'running'}>
        <span class="size-2 shrink-0 rounded-full bg-warning motion-safe:animate-pulse" data-mark="running">
          <span class="sr-only">{chatWords().answering}</span>
        </span>
      </Match>
      <Match when={markOf(props.chat) === 'ready'}>
        <span class="shrink-0 text-accent" data-mark="ready">
          <Check size={14} stroke-width={3} aria-hidden="true" />
          <span class="sr-only">{chatWords().answered}</span>
        </span>
      </Match>
    </Switch>
  );
}
