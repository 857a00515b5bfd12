import ArrowDown from 'lucide-solid/icons/arrow-down';
import { createEffect, on, Show } from 'solid-js';

import type { Message } from '../store/message-fragments';
import { t } from '../i18n';
import { IconButton } from '../ui/button';
import { createFollowScroll } from '../ui/create-follow-scroll';
import { BuildWindowProvider, createBuildWindow } from './build-window';
import { createBranchSteps } from './create-branch-steps';
import type { Thread } from './create-thread';
import type { OutgoingMessage } from './outbox';
import { ThreadTop } from './thread-edges';
import { OutgoingRows, ThreadRows, type ThreadActions } from './thread-rows';

interface ThreadViewProps extends ThreadActions {
  thread: Thread;
  outgoing: readonly OutgoingMessage[];
  isAsking: boolean;
  onSelect: (messageId: string) => Promise<void>;
  /** It was sent, and what was edited is out of sight: the focus needs another place. */
  onSentBeside: () => void;
  onRetry: (clientId: string) => void;
  onTakeBack: (message: OutgoingMessage) => void;
}

export function ThreadView(props: ThreadViewProps) {
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

  const branches = createBranchSteps(
    () => props.thread.messages(),
    (messageId) => {
      scroll.stay();
      return props.onSelect(messageId);
    },
  );

  async function sendVersion(message: Message, content: string, clientId: string): Promise<string | null> {
    const problem = await props.onSendBeside(message, content, clientId);
    if (problem) return problem;
    scroll.jumpToEnd();
    props.onSentBeside();
    return null;
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
            <ThreadRows {...props} focusOn={branches.focusOn} onSelect={branches.select} onSendBeside={sendVersion} />
          </BuildWindowProvider>
          <OutgoingRows messages={props.outgoing} onRetry={props.onRetry} onTakeBack={props.onTakeBack} />
        </div>
      </div>
      <ThreadFoot isFollowing={scroll.isFollowing()} onJump={scroll.jumpToEnd} />
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
          label={t().thread.jump}
          class="absolute! right-0 bottom-3 left-0 mx-auto animate-[appear_120ms_ease-out] rounded-full! border border-line-strong bg-raised shadow-lift"
          onClick={() => props.onJump()}
        >
          <ArrowDown size={16} aria-hidden="true" />
        </IconButton>
      </Show>
    </>
  );
}
