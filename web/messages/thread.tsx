import ArrowDown from 'lucide-solid/icons/arrow-down';
import { createEffect, createSignal, For, on, Show } from 'solid-js';
import { sayError } from '../graphql/failure-words';
import { t } from '../i18n';
import { Button, IconButton } from '../ui/button';
import { createFollowScroll } from '../ui/create-follow-scroll';
import { EmptyState, Notice } from '../ui/notice';
import { createCommands } from '../ui/commands';
import { Answer } from './answer';
import { besides, type Direction } from './branches';
import { BuildWindowProvider, createBuildWindow } from './build-window';
import type { createThread } from './create-thread';
import type { Message } from '../store/message-fragments';
import { OutgoingRow, OwnMessage } from './own-message';
import type { OutgoingMessage } from './outbox';

interface ThreadProps {
  thread: ReturnType<typeof createThread>;
  outgoing: readonly OutgoingMessage[];
  isAsking: boolean;
  /** Of another agent, where one is named. */
  onRegenerate: (messageId: string, agentId?: string) => void;
  onContinue: (messageId: string) => void;
  onSelect: (messageId: string) => Promise<void>;
  /** Returns what went wrong, in words. */
  onSendBeside: (message: Message, content: string, clientId: string) => Promise<string | null>;
  /** It was sent, and what was edited is out of sight: the focus needs another place. */
  onSentBeside: () => void;
  onInspect: (runId: string) => void;
  onRetry: (clientId: string) => void;
  onTakeBack: (message: OutgoingMessage) => void;
}

export function Thread(props: ThreadProps) {
  // What failed is asked for again by its button, or when the line is there again: not by every move of the page.
  const scroll = createFollowScroll({
    onNearStart: () => !props.thread.error() && props.thread.loadOlder(),
    onScroll: () => buildWindow.update(),
    onResize: () => buildWindow.updateSoon(),
  });
  let frame: HTMLElement | undefined;
  const buildWindow = createBuildWindow(() => frame);
  createEffect(
    on(
      () => props.thread.messages().map(({ id }) => id),
      () => {
        // Before the frame is drawn, so that what comes into view is not seen as plain text first.
        scroll.settle();
        buildWindow.update();
        scroll.settle();
      },
    ),
  );
  createEffect(
    on(
      () => props.outgoing.length,
      (count, before) => count > (before ?? 0) && scroll.jumpToEnd(),
    ),
  );

  // oxlint-disable-next-line solid/reactivity -- the page is made anew for every thread
  const branches = createBranches(props.thread, (messageId) => {
    scroll.stay();
    return props.onSelect(messageId);
  });

  async function sendVersion(message: Message, content: string, clientId: string): Promise<string | null> {
    const problem = await props.onSendBeside(message, content, clientId);
    if (problem) return problem;
    scroll.jumpToEnd();
    props.onSentBeside();
    return null;
  }

  /** Whether the message goes on with the answer right above it, so that the two read as one. */
  function continuesPrevious(index: number): boolean {
    const [before, message] = [props.thread.messages()[index - 1], props.thread.messages()[index]];
    if (before?.role !== 'ASSISTANT' || message?.role !== 'ASSISTANT') return false;
    return !before.isDeleted && !message.isDeleted && before.agent?.id === message.agent?.id;
  }

  /** The pieces of one answer that come before this one. */
  function earlierPieces(index: number): Message[] {
    let start = index;
    while (continuesPrevious(start)) start -= 1;
    return props.thread.messages().slice(start, index);
  }

  function laterPieces(index: number): Message[] {
    let end = index + 1;
    while (continuesPrevious(end)) end += 1;
    return props.thread.messages().slice(index + 1, end);
  }

  return (
    <div class="relative mb-2 min-h-0 flex-1">
      <div
        ref={(element) => scroll.frame((frame = element))}
        class="h-full overflow-y-auto [overflow-anchor:none]"
        tabindex="-1"
      >
        <div
          ref={scroll.content}
          role="log"
          aria-label={t().thread.label}
          aria-live="off"
          aria-busy={props.thread.shownRunIds().length > 0}
          class="mx-auto flex min-h-full max-w-[48rem] flex-col gap-4 px-5 pt-6 pb-4 max-md:px-4"
        >
          <ThreadTop thread={props.thread} />
          <BuildWindowProvider value={buildWindow}>
            <For each={props.thread.messages()}>
              {(message, index) => (
                <Show
                  when={message.role === 'ASSISTANT'}
                  fallback={
                    <OwnMessage
                      message={message}
                      focusOn={branches.focusOn(message)}
                      onSelect={branches.select}
                      onSendBeside={(content, clientId) => sendVersion(message, content, clientId)}
                    />
                  }
                >
                  <Answer
                    message={message}
                    opening={earlierPieces(index())}
                    rest={laterPieces(index())}
                    focusOn={branches.focusOn(message)}
                    onSelect={branches.select}
                    onContinue={() => props.onContinue(message.id)}
                    textOf={props.thread.textOf}
                    isLast={message.id === props.thread.messages().at(-1)?.id}
                    isAsking={props.isAsking}
                    onRegenerate={(agentId) => props.onRegenerate(message.id, agentId)}
                    onInspect={props.onInspect}
                  />
                </Show>
              )}
            </For>
          </BuildWindowProvider>
          <For each={props.outgoing}>
            {(message) => (
              <OutgoingRow
                message={message}
                onRetry={() => props.onRetry(message.clientId)}
                onTakeBack={() => props.onTakeBack(message)}
              />
            )}
          </For>
        </div>
      </div>
      {/* Lines fade out before the frame cuts them. It spares the scroll bar. */}
      <div
        aria-hidden="true"
        data-fade
        class="pointer-events-none absolute right-3 bottom-0 left-0 h-4 bg-linear-to-t from-ground to-transparent"
      />
      <Show when={!scroll.isFollowing()}>
        <IconButton
          label={t().thread.jump}
          class="absolute! right-0 bottom-3 left-0 mx-auto animate-[appear_120ms_ease-out] rounded-full! border border-line-strong bg-raised shadow-lift"
          onClick={scroll.jumpToEnd}
        >
          <ArrowDown size={16} aria-hidden="true" />
        </IconButton>
      </Show>
    </div>
  );
}

/** From one version of a message to another: by its buttons, or by keys at the message that has the focus, else at the last one. */
function createBranches(thread: ReturnType<typeof createThread>, show: (messageId: string) => Promise<void>) {
  const [wanted, setWanted] = createSignal<{ id: string; direction: Direction } | null>(null);

  async function select(id: string, direction: Direction) {
    setWanted({ id, direction });
    // By then the message is there and has taken the focus, or it will not come.
    await show(id);
    if (wanted()?.id === id) setWanted(null);
  }

  function step(direction: Direction) {
    const message = current();
    const id = message && besides(message, direction);
    if (!id) return;
    if (isFocused(message)) void select(id, direction);
    else void show(id);
  }

  function current(): Message | undefined {
    const branching = thread.messages().filter(({ siblings }) => siblings.length > 1);
    return branching.find(isFocused) ?? branching.at(-1);
  }

  const isEnabled = () => !!current() && !isWriting();
  createCommands([
    {
      id: 'previous-version',
      label: () => t().keys.previousVersion,
      keys: 'alt+arrowleft',
      run: () => step(-1),
      isEnabled,
    },
    { id: 'next-version', label: () => t().keys.nextVersion, keys: 'alt+arrowright', run: () => step(1), isEnabled },
  ]);

  return {
    select: (id: string, direction: Direction) => void select(id, direction),
    focusOn: ({ id }: Message) => (wanted()?.id === id ? wanted()?.direction : undefined),
  };
}

function isFocused({ id }: Message): boolean {
  return document.activeElement?.closest('[data-message]')?.getAttribute('data-message') === id;
}

/** In a text field Alt+arrow moves by words. */
function isWriting(): boolean {
  const field = document.activeElement;
  return field instanceof HTMLElement && (field.isContentEditable || field.matches('input, textarea, select'));
}

/** The upper end of what is shown: more is on its way, or this is all, or it could not be had. */
function ThreadTop(props: { thread: ReturnType<typeof createThread> }) {
  return (
    <>
      <Show when={props.thread.error()}>
        {(error) => (
          <Notice
            tone="danger"
            actions={
              <Button isSmall onClick={props.thread.retry}>
                {t().common.retry}
              </Button>
            }
          >
            {sayError(error())}
          </Notice>
        )}
      </Show>
      <Show when={props.thread.hasOlder()}>
        <div class="flex justify-center" data-edge>
          <Button look="quiet" isSmall onClick={props.thread.loadOlder}>
            {props.thread.isLoadingOlder() ? t().thread.older : t().common.loadMore}
          </Button>
        </div>
      </Show>
      <Show when={props.thread.isLoading()}>
        <Skeleton />
      </Show>
      <Show when={!props.thread.isLoading() && !props.thread.error() && props.thread.messages().length === 0}>
        <EmptyState title={t().thread.noMessages} hint={t().thread.emptyHint} />
      </Show>
    </>
  );
}

function Skeleton() {
  return (
    <div role="status" class="flex flex-col gap-6">
      <span class="sr-only">{t().app.loading}</span>
      <div class="h-11 w-1/2 self-end rounded-2xl bg-panel" />
      <div class="flex flex-col gap-3">
        <div class="h-4 w-4/5 rounded bg-panel" />
        <div class="h-4 w-3/5 rounded bg-panel" />
        <div class="h-4 w-2/3 rounded bg-panel" />
      </div>
    </div>
  );
}
