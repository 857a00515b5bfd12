import { createEffect, on, onCleanup } from 'solid-js';

import { createFollowScroll, firstBelow, type FollowScroll } from '../ui/create-follow-scroll';
import { createBuildWindow } from './build-window';
import { createRowWindow } from './create-row-window';
import type { Thread } from './create-thread';
import { leaveThreadAt, type ThreadTarget } from './reading-place';

/** How long a message is pointed out that was asked for by its address. */
const MARKED_MS = 2_500;

/** So much of a message is in view before it counts as seen. */
const SEEN_PX = 24;

/**
 * Where in a thread the reader is: which rows are in the page, which texts are built, and how far it is scrolled. `onSeen` gets the `seq`
 * of the lowest message that is in view, as often as that may be another one.
 */
export function createThreadView(thread: Thread, chatId: string, onSeen: (seq: number) => void) {
  let frame: HTMLElement | undefined;
  let content: HTMLElement | undefined;
  // What failed is asked for again by its button, or when the line is there again: not by every move of the page.
  const scroll = createFollowScroll({
    onNearStart: () => !thread.error() && thread.loadAbove(),
    onNearEnd: () => !thread.error() && thread.loadBelow(),
    canFollow: () => !thread.hasMoreBelow(),
    onScroll: update,
    onResize: () => {
      rows.update();
      buildWindow.updateSoon();
      reportSeen();
    },
  });
  const rows = createRowWindow({
    messages: thread.messages,
    isFollowing: scroll.isFollowing,
    frame: () => frame,
    content: () => content,
    onChange: () => scroll.settle(),
  });
  const buildWindow = createBuildWindow(() => frame);
  if (thread.target()) scroll.stay();

  function update() {
    rows.update();
    buildWindow.update();
    reportSeen();
  }

  function reportSeen() {
    const id = lowestInView(frame, content);
    const seq = id && thread.messages().find((message) => message.id === id)?.seq;
    if (seq) onSeen(seq);
  }

  /** Before the frame is drawn, so that what comes into view is not seen as plain text first. */
  function settle() {
    scroll.settle();
    update();
    scroll.settle();
  }

  createEffect(
    on(
      () => thread.messages().map(({ id }) => id),
      () => {
        scroll.settle();
        // What an effect changes is in the page only after all effects.
        queueMicrotask(settle);
      },
    ),
  );
  createEffect(() => {
    const target = thread.target();
    if (target && thread.messages().some(({ id }) => id === target.messageId)) queueMicrotask(() => goTo(target));
  });
  onCleanup(() => leaveThreadAt(chatId, scroll.isFollowing() ? null : openingHere(thread, frame, content)));

  function goTo(target: ThreadTarget) {
    scroll.stay();
    if (thread.target() !== target || !rows.reveal(target.messageId)) return;
    const row = content?.querySelector(`:scope > [data-message="${CSS.escape(target.messageId)}"]`);
    if (!row) return;
    scroll.showAt(row, target.top);
    settle();
    thread.reached();
    if (!target.isMarked) return scroll.followAtEnd();
    row.toggleAttribute('data-marked', true);
    setTimeout(() => row.toggleAttribute('data-marked', false), MARKED_MS);
  }

  function jumpToEnd() {
    thread.showNewest();
    rows.revealEnd();
    scroll.jumpToEnd();
    update();
  }

  return {
    scroll: {
      ...scroll,
      frame: (element: HTMLElement) => scroll.frame((frame = element)),
      content: (element: HTMLElement) => scroll.content((content = element)),
    } satisfies FollowScroll,
    rows,
    buildWindow,
    jumpToEnd,
  };
}

/** The last message that begins in view. */
function lowestInView(frame: HTMLElement | undefined, content: HTMLElement | undefined): string | null {
  const bottom = frame?.getBoundingClientRect().bottom ?? 0;
  const rows = [...(content?.querySelectorAll(':scope > [data-message]') ?? [])];
  const line = bottom - SEEN_PX;
  // That one ends below the edge, and may begin above it.
  const index = firstBelow(rows, line);
  const last = rows[index];
  const row = last && last.getBoundingClientRect().top < line ? last : rows[index - 1];
  return row?.getAttribute('data-message') ?? null;
}

/** The first message in view, and where it stands. */
function openingHere(thread: Thread, frame: HTMLElement | undefined, content: HTMLElement | undefined) {
  const top = frame?.getBoundingClientRect().top ?? 0;
  const rows = [...(content?.querySelectorAll(':scope > [data-message]') ?? [])];
  const row = rows[firstBelow(rows, top)];
  const messageId = row?.getAttribute('data-message');
  if (!row || !messageId) return null;
  const target = { messageId, top: row.getBoundingClientRect().top - top, isMarked: false };
  return { place: thread.place(), target };
}
