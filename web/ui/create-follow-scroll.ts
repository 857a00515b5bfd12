import { createSignal, onCleanup, type Accessor } from 'solid-js';

export interface FollowScroll {
  /** The element that scrolls. */
  frame: (element: HTMLElement) => void;
  /** What is in it. Its direct children are what the reader's place is told by, but for those marked `data-edge`. */
  content: (element: HTMLElement) => void;
  isFollowing: Accessor<boolean>;
  jumpToEnd: () => void;
  /** What is above stays where it is, though what is below changes. */
  stay: () => void;
}

/** This near to the end counts as the end: fractions of a pixel and a bouncing finger do not. */
const EDGE_PX = 24;
const readersKeys = new Set(['PageUp', 'PageDown', 'Home', 'End', 'ArrowUp', 'ArrowDown', ' ']);

/**
 * The one owner of scrolling. While it follows, the end stays in view; it stops when the reader scrolls up, selects or
 * presses a key, and resumes at the edge. Otherwise the message at the top stays where it is, whatever grows above it.
 */
export function createFollowScroll(onNearStart: () => void): FollowScroll {
  const [isFollowing, setFollowing] = createSignal(true);
  let frame: HTMLElement | undefined;
  let content: HTMLElement | undefined;
  let anchor: { element: Element; top: number } | undefined;
  let lastTop = 0;

  const resized = new ResizeObserver(settle);
  onCleanup(() => resized.disconnect());

  function settle() {
    if (!frame) return;
    if (isFollowing()) frame.scrollTop = frame.scrollHeight;
    else if (anchor?.element.isConnected) frame.scrollTop += anchor.element.getBoundingClientRect().top - anchor.top;
    lastTop = frame.scrollTop;
    remember();
    // At the very start there is nothing left to scroll, so nothing else would ask for more.
    if (!isFollowing() && frame.scrollTop < frame.clientHeight) onNearStart();
  }

  function scrolled() {
    if (!frame) return;
    const fromEnd = frame.scrollHeight - frame.clientHeight - frame.scrollTop;
    if (fromEnd <= EDGE_PX && !isSelecting()) setFollowing(true);
    else if (frame.scrollTop < lastTop) setFollowing(false);
    lastTop = frame.scrollTop;
    remember();
    if (frame.scrollTop < frame.clientHeight) onNearStart();
  }

  function remember() {
    if (!frame || !content) return;
    const edge = frame.getBoundingClientRect().top;
    const element = [...content.children].find(
      (child) => child.getBoundingClientRect().bottom > edge && !child.hasAttribute('data-edge'),
    );
    anchor = element && { element, top: element.getBoundingClientRect().top };
  }

  const isSelecting = () => {
    const selection = document.getSelection();
    return !!selection && !selection.isCollapsed && !!content?.contains(selection.anchorNode);
  };
  const stopForSelection = () => isSelecting() && setFollowing(false);
  const stopForKey = (event: KeyboardEvent) => readersKeys.has(event.key) && setFollowing(false);
  const stopForWheel = (event: WheelEvent) => event.deltaY < 0 && setFollowing(false);

  document.addEventListener('selectionchange', stopForSelection);
  onCleanup(() => document.removeEventListener('selectionchange', stopForSelection));

  return {
    frame: (element) => {
      frame = element;
      resized.observe(element);
      element.addEventListener('scroll', scrolled, { passive: true });
      element.addEventListener('wheel', stopForWheel, { passive: true });
      element.addEventListener('keydown', stopForKey);
    },
    content: (element) => {
      content = element;
      resized.observe(element);
    },
    isFollowing,
    stay: () => void setFollowing(false),
    jumpToEnd: () => {
      setFollowing(true);
      settle();
    },
  };
}
