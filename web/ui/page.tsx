import { A, useNavigate } from '@solidjs/router';
import ArrowLeft from 'lucide-solid/icons/arrow-left';
import { children, Show, type JSX } from 'solid-js';
import { iconButtonShape } from './button';
import { createCommands, isTyping } from './commands';

interface PageProps {
  title: string;
  back: { href: string; label: string };
  /** The way between sibling pages. */
  nav?: JSX.Element;
  /** Beside the page: a `SidePanel`. */
  panel?: JSX.Element;
  children: JSX.Element;
}

/** A page beside the conversation: a head that stays, and sections below each other. Esc leads back. */
export function Page(props: PageProps) {
  const navigate = useNavigate();
  const nav = children(() => props.nav);
  createCommands([
    {
      id: 'back',
      label: () => props.back.label,
      keys: 'escape',
      run: () => navigate(props.back.href),
      // What is typed into a field is not left by mistake.
      isKeyTarget: (target) => !isTyping(target),
    },
  ]);
  return (
    <div class="flex h-full flex-col">
      <header
        class="flex min-h-12 shrink-0 items-center gap-x-2 border-b border-line px-3"
        // On a phone the links have a row of their own.
        classList={{ 'max-md:flex-wrap': !!nav(), 'h-12': !nav() }}
      >
        <A href={props.back.href} class={iconButtonShape} aria-label={props.back.label} title={props.back.label}>
          <ArrowLeft size={18} aria-hidden="true" />
        </A>
        <h1 class="font-medium">{props.title}</h1>
        <Show when={nav()}>
          <div class="ml-4 flex h-12 gap-4 max-md:ml-1 max-md:h-10 max-md:basis-full">{nav()}</div>
        </Show>
      </header>
      <div class="flex min-h-0 flex-1">
        <main class="min-w-0 flex-1 overflow-y-auto">
          <div class="mx-auto flex max-w-3xl flex-col gap-12 px-5 py-8 pb-[max(4rem,env(safe-area-inset-bottom))] max-md:px-4">
            {props.children}
          </div>
        </main>
        {props.panel}
      </div>
    </div>
  );
}

export function PageSection(props: { title: string; hint?: string; actions?: JSX.Element; children: JSX.Element }) {
  return (
    <section class="flex flex-col gap-5">
      <div class="flex items-start gap-4">
        <div class="flex-1">
          <h2 class="text-base font-semibold">{props.title}</h2>
          <Show when={props.hint}>
            <p class="mt-0.5 text-small text-ink-faint">{props.hint}</p>
          </Show>
        </div>
        {props.actions}
      </div>
      {props.children}
    </section>
  );
}

/** A link between sibling pages; the one we are on is underlined. */
export function PageTab(props: { href: string; children: JSX.Element }) {
  return (
    <A
      href={props.href}
      class="flex items-center justify-center border-b-2 touch:min-w-10 border-transparent text-ink-soft hover:text-ink"
      activeClass="border-accent! text-ink!"
    >
      {props.children}
    </A>
  );
}
