import { A } from '@solidjs/router';
import ArrowLeft from 'lucide-solid/icons/arrow-left';
import { Show, type JSX } from 'solid-js';
import { chatWords } from './words';
import { iconButtonShape } from '../ui/button';
import { OwnDirection } from '../ui/own-direction';

interface ChatHeaderProps {
  title: string;
  /** Of a room, beside the title where there is space; empty for none. */
  topic?: string | undefined;
  children?: JSX.Element;
}

export function ChatHeader(props: ChatHeaderProps) {
  return (
    <header class="flex h-12 shrink-0 items-center gap-1 border-b border-line pr-2 pl-5 max-md:pl-2">
      <A href="/chat" class={`${iconButtonShape} md:hidden`} aria-label={chatWords().back} title={chatWords().back}>
        <ArrowLeft size={18} aria-hidden="true" />
      </A>
      <div class="flex min-w-0 flex-1 items-baseline gap-3">
        <h1 class="max-w-full min-w-0 shrink-0 font-medium md:max-w-2/3">
          <OwnDirection text={props.title} />
        </h1>
        <Show when={props.topic}>
          {(topic) => (
            <p class="min-w-0 text-small text-ink-faint max-md:hidden" title={topic()}>
              <OwnDirection text={topic()} />
            </p>
          )}
        </Show>
      </div>
      {props.children}
    </header>
  );
}
