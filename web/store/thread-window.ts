/**
 * The part of a chat's messages that is shown as one thread. Usually it ends with the visible thread's newest message. A window may
 * be opened elsewhere, around an anchor: in the middle of the visible thread, with a hole below it until that is loaded, or in
 * another branch.
 */
import type { Message } from './message-fragments';
import { threadTo, visibleThread, type ThreadState } from './reduce';

/** Where a window was opened, and how far down it has been loaded. */
export interface WindowPlace {
  /** The message that is to be shown. */
  anchorId: string;
  /** The lowest message of the window: the anchor, or one below it that the server named. */
  bottomId: string;
  /** The server named nothing below the bottom. */
  isBottomLast: boolean;
  /** The server said that the anchor is on another branch than this head. */
  otherThanHeadId?: string | null;
}

export interface ThreadWindow {
  /** Each is the parent of the next; the oldest first. Empty as long as the anchor is not known. */
  rows: readonly Message[];
  /** Above the first row there is more that is not known here. */
  hasMoreAbove: boolean;
  /** Below the last row there is more that is not known here. */
  hasMoreBelow: boolean;
  /** The messages between which some of the visible thread may be missing. */
  hole: { afterId: string; beforeId: string } | null;
  /** Whether the anchor is on the visible thread: it is unknown as long as a hole lies between them. */
  branch: 'visible' | 'other' | 'unknown';
}

/** What is shown of the messages that are known, with a place or, without one, at the end of the visible thread. */
export function threadWindow(thread: ThreadState, place: WindowPlace | null): ThreadWindow {
  const visible = visibleThread(thread);
  if (!place || visible.some(({ id }) => id === place.anchorId)) return endWindow(visible);

  const rows = threadTo(thread, place.bottomId);
  const isOther = place.otherThanHeadId === thread.head.row;
  const branch = isOther ? 'other' : branchOf(rows, place, visible);
  const first = visible[0];
  return {
    rows,
    hasMoreAbove: !!rows[0]?.parent,
    hasMoreBelow: rows.length > 0 && !place.isBottomLast,
    hole: branch === 'unknown' && first ? { afterId: place.bottomId, beforeId: first.id } : null,
    branch,
  };
}

function endWindow(visible: readonly Message[]): ThreadWindow {
  return { rows: visible, hasMoreAbove: !!visible[0]?.parent, hasMoreBelow: false, hole: null, branch: 'visible' };
}

/** A message has a higher `seq` than its parent: a thread that has come above the anchor's without it passes it by. */
function branchOf(
  rows: readonly Message[],
  { anchorId, isBottomLast }: WindowPlace,
  visible: readonly Message[],
): 'other' | 'unknown' {
  const anchor = rows.find(({ id }) => id === anchorId);
  const first = visible[0];
  if (!anchor || !first) return 'unknown';
  const isPassedBy = !first.parent || first.seq <= anchor.seq;
  return isPassedBy || isBottomLast ? 'other' : 'unknown';
}

/**
 * The lowest fork on the way down to the anchor: the message that has siblings. The anchor is on the visible thread if it is.
 */
export function forkAbove(rows: readonly Message[], anchorId: string): Message | undefined {
  const index = rows.findIndex(({ id }) => id === anchorId);
  return rows.slice(0, index + 1).findLast(({ parent, siblings }) => parent && siblings.length > 1);
}
