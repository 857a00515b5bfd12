import ArrowDown from 'lucide-solid/icons/arrow-down';
import { createEffect, on, onMount, Show } from 'solid-js';

import type { Message } from '../store/message-fragments';
import { threadWords } from './words';
import { IconButton } from '../ui/button';
import { createCommands, isTyping } from '../ui/commands';
import { keyWords } from '../ui/words';
import { BuildWindowProvider } from './build-window';
import { createBranchSteps } from './create-branch-steps';
import type { Thread } from './create-thread';
import { createThreadView } from './create-thread-view';
import type { OutgoingMessage } from './outbox';
import { useChatPlace } from './place';
import { AnchorNotice, ThreadBottom, ThreadTop } from './thread-edges';
import { OutgoingRows, ThreadRows, type ThreadActions } from './thread-rows';

interface ThreadViewProps extends ThreadActions {
  thread: Thread;
  outgoing: readonly OutgoingMessage[];
  isAsking: boolean;
  /** The `seq` of the lowest message that is in view. */
  onSeen: (seq: number) => void;
  /** Given once: shows the newest message. */
  onReady: (view: { jumpToEnd: () => void; isFollowing: () => boolean }) => void;
  /** Of a room: below the line that says so. */
  firstUnreadId: string | null;
  onSelect: (messageId: string) => Promise<void>;
  /** It was sent, and what was edited is out of sight: the focus needs another place. */
  onSentVersion: () => void;
  onRetry: (clientId: string) => void;
  onTakeBack: (message: OutgoingMessage) => void;
}

export function ThreadView(props: ThreadViewProps) {
  // oxlint-disable-next-line solid/reactivity -- the page is recreated for every chat, and with it its thread
  const { thread } = props;
  const { scroll, rows, buildWindow, jumpToEnd } = createThreadView(thread, useChatPlace().chatId, (seq) =>
    props.onSeen(seq),
  );
  onMount(() => props.onReady({ jumpToEnd, isFollowing: scroll.isFollowing }));
  createCommands([
    {
      id: 'jump-to-end',
      label: () => keyWords().jumpToEnd,
      keys: 'end',
      run: jumpToEnd,
      // In a field the key is for its text; the message box uses it where that is empty.
      isKeyTarget: (target) => !isTyping(target),
    },
  ]);
  createEffect(
    on(
      () => props.outgoing.length,
      // Once they are in the page.
      (count, before) => count > (before ?? 0) && queueMicrotask(jumpToEnd),
    ),
  );

  const branches = createBranchSteps(thread.messages, select);

  async function select(messageId: string) {
    scroll.stay();
    await props.onSelect(messageId);
    thread.follow(messageId);
  }

  async function sendVersion(message: Message, content: string, clientId: string): Promise<string | null> {
    const problem = await props.onSendBeside(message, content, clientId);
    if (problem) return problem;
    jumpToEnd();
    props.onSentVersion();
    return null;
  }

  return (
    <div class="relative mb-2 flex min-h-0 flex-1 flex-col">
      <AnchorNotice thread={thread} onSelect={(messageId) => void select(messageId)} />
      <div ref={scroll.frame} class="min-h-0 flex-1 overflow-y-auto [overflow-anchor:none]" tabindex="-1">
        <div
          ref={scroll.content}
          role="log"
          aria-label={threadWords().label}
          aria-live="off"
          aria-busy={thread.shownRunIds().length > 0}
          class="mx-auto flex min-h-full max-w-[48rem] flex-col gap-4 px-5 pt-6 pb-4 max-md:px-4"
        >
          <ThreadTop thread={thread} hasOutgoing={props.outgoing.length > 0} />
          <BuildWindowProvider value={buildWindow}>
            <ThreadRows
              {...props}
              items={rows.items()}
              focusOn={branches.focusOn}
              onSelect={branches.select}
              onSendBeside={sendVersion}
            />
          </BuildWindowProvider>
          <ThreadBottom thread={thread} />
          <OutgoingRows messages={props.outgoing} onRetry={props.onRetry} onTakeBack={props.onTakeBack} />
        </div>
      </div>
      <ThreadFoot isFollowing={scroll.isFollowing()} onJump={jumpToEnd} />
    </div>
  );
}

/** What lies over the lower edge of the frame. */
function ThreadFoot(props: { isFollowing: boolean; onJump: () => void }) {
  return (
    <>
      {/* Lines fade out before the frame cuts them. It spares the scroll bar. */}
      <div
        aria-hidden="true"
        data-fade
        class="pointer-events-none absolute right-3 bottom-0 left-0 h-4 bg-linear-to-t from-ground to-transparent"
      />
      <Show when={!props.isFollowing}>
        <IconButton
          label={threadWords().jump}
          class="absolute! right-0 bottom-3 left-0 mx-auto animate-[appear_120ms_ease-out] rounded-full! border border-line-strong bg-raised shadow-lift"
          onClick={() => props.onJump()}
        >
          <ArrowDown size={16} aria-hidden="true" />
        </IconButton>
      </Show>
    </>
  );
}
