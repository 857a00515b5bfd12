import { A } from '@solidjs/router';
import ArrowLeft from 'lucide-solid/icons/arrow-left';
import type { JSX } from 'solid-js';
import { chatWords } from './words';
import { iconButtonShape } from '../ui/button';
import { OwnDirection } from '../ui/own-direction';

export function ChatHeader(props: { title: string; children?: JSX.Element }) {
  return (
    <header class="flex h-12 shrink-0 items-center gap-1 border-b border-line pr-2 pl-5 max-md:pl-2">
      <A href="/chat" class={`${iconButtonShape} md:hidden`} aria-label={chatWords().back} title={chatWords().back}>
        <ArrowLeft size={18} aria-hidden="true" />
      </A>
      <h1 class="min-w-0 flex-1 font-medium">
        <OwnDirection text={props.title} />
      </h1>
      {props.children}
    </header>
  );
}
