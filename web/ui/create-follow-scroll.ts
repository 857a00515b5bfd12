import { createSignal, onCleanup, type Accessor } from 'solid-js';

export interface FollowScroll {
  /** The element that scrolls. */
  frame: (element: HTMLElement) => void;
  /** What is in it. Elements marked `data-edge` never define the reader's place. */
  content: (element: HTMLElement) => void;
  isFollowing: Accessor<boolean>;
  jumpToEnd: () => void;
  /** Puts the upper edge of an element this far below that of the frame. */
  showAt: (element: Element, top: number) => void;
  /** Follows from here on where the end is in view already. */
  followAtEnd: () => void;
  /** What is above stays where it is, though what is below changes. */
  stay: () => void;
  /** Puts the place right at once, where waiting for the next frame would show what is out of place. */
  settle: () => void;
}

interface FollowScrollOptions {
  /** The start of the content is less than a screen away. */
  onNearStart: () => void;
  /** So is the end, though it is not the newest. */
  onNearEnd: () => void;
  /** Whether the end of the content is the newest, which can be followed. */
  canFollow: () => boolean;
  /** The reader moved. */
  onScroll: () => void;
  /** The content or the frame has another size, and the place is right again. */
  onResize: () => void;
}

/** This near to the end counts as the end: fractions of a pixel and a bouncing finger do not. */
const EDGE_PX = 24;
/** An element lower than this gives the place finely enough. */
const FINE_PX = 64;
const readersKeys = new Set(['PageUp', 'PageDown', 'Home', 'End', 'ArrowUp', 'ArrowDown', ' ']);

/**
 * The one owner of scrolling. While it follows, the end stays in view; it stops when the reader scrolls up, selects or
 * presses a key, and resumes at the edge. Otherwise what begins first in view stays where it is, whatever grows above it.
 */
export function createFollowScroll(options: FollowScrollOptions): FollowScroll {
  const { onScroll, onResize } = options;
  const [isFollowing, setFollowing] = createSignal(true);
  let frame: HTMLElement | undefined;
  let content: HTMLElement | undefined;
  const place = new HeldPlace();
  let lastTop = 0;

  const resized = new ResizeObserver(() => {
    settle();
    onResize();
  });
  onCleanup(() => resized.disconnect());

  function settle() {
    if (!frame) return;
    if (isFollowing()) frame.scrollTop = frame.scrollHeight;
    else place.hold(frame);
    lastTop = frame.scrollTop;
    remember();
    // At the very start there is nothing left to scroll, so nothing else would ask for more.
    if (!isFollowing()) reportEdges(frame, options);
  }

  function scrolled() {
    if (!frame) return;
    // The content can have grown since the last frame, and the observer of sizes comes only after this event.
    if (!isFollowing()) place.hold(frame);
    if (isAtEnd(frame) && options.canFollow() && !isSelectionIn(content)) setFollowing(true);
    else if (frame.scrollTop < lastTop) setFollowing(false);
    lastTop = frame.scrollTop;
    remember();
    onScroll();
    reportEdges(frame, options);
  }

  function remember() {
    if (frame && content && !isFollowing()) place.remember(frame, content);
  }

  function stop() {
    if (!isFollowing()) return;
    setFollowing(false);
    remember();
  }

  const stopForSelection = () => isSelectionIn(content) && stop();
  const stopForKey = (event: KeyboardEvent) => readersKeys.has(event.key) && stop();
  const stopForWheel = (event: WheelEvent) => event.deltaY < 0 && stop();

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
    showAt: (element, top) => {
      setFollowing(false);
      if (!frame) return;
      frame.scrollTop += element.getBoundingClientRect().top - frame.getBoundingClientRect().top - top;
      lastTop = frame.scrollTop;
      remember();
    },
    followAtEnd: () => {
      if (frame && isAtEnd(frame) && options.canFollow()) setFollowing(true);
    },
    stay: stop,
    jumpToEnd: () => {
      setFollowing(true);
      settle();
    },
    settle,
  };
}

/** Where the reader is, given by what begins first in view. */
class HeldPlace {
  /** The finest first: where it was replaced meanwhile, an enclosing one gives the place. */
  #anchors: { element: Element; top: number }[] = [];
  /** Of the frame, when the anchors were measured. */
  #scrollTop = 0;
  /** What could not be undone yet, since browsers scroll by whole pixels: many small moves would add up. */
  #rest = 0;

  remember(frame: HTMLElement, content: HTMLElement): void {
    const { top, bottom } = frame.getBoundingClientRect();
    this.#anchors = anchorsIn(content, top, bottom).map((element) => ({
      element,
      top: element.getBoundingClientRect().top,
    }));
    this.#scrollTop = frame.scrollTop;
  }

  /** Undoes what moved the anchors other than scrolling. */
  hold(frame: HTMLElement): void {
    const anchor = this.#anchors.find(({ element }) => element.isConnected);
    if (!anchor) return;
    const moved = anchor.element.getBoundingClientRect().top - anchor.top;
    const from = frame.scrollTop;
    const by = moved + (from - this.#scrollTop) + this.#rest;
    // Any assignment ends a smooth scroll.
    if (Math.abs(by) >= 0.5) frame.scrollTop += by;
    this.#rest = by - (frame.scrollTop - from);
    // At an edge there is nothing left to scroll.
    if (Math.abs(this.#rest) >= 1) this.#rest = 0;
  }
}

function isAtEnd({ scrollTop, scrollHeight, clientHeight }: HTMLElement): boolean {
  return scrollHeight - clientHeight - scrollTop <= EDGE_PX;
}

function reportEdges({ scrollTop, scrollHeight, clientHeight }: HTMLElement, options: FollowScrollOptions) {
  if (scrollTop < clientHeight) options.onNearStart();
  if (!options.canFollow() && scrollHeight - clientHeight - scrollTop < clientHeight) options.onNearEnd();
}

function isSelectionIn(content: HTMLElement | undefined): boolean {
  const selection = document.getSelection();
  return !!selection && !selection.isCollapsed && !!content?.contains(selection.anchorNode);
}

/**
 * The first element that begins between the edges, before it those that hold it. Where none begins there, the innermost that
 * covers the view.
 */
function anchorsIn(parent: Element, top: number, bottom: number): Element[] {
  const children = [...parent.children].filter((child) => !child.hasAttribute('data-edge'));
  const index = firstBelow(children, top);
  const child = children[index];
  if (!child) return [];
  const box = child.getBoundingClientRect();
  if (box.top >= top) return box.top < bottom ? [child] : [];
  // The lines of code can be thousands, and nothing changes its height between them.
  const inner = box.height > FINE_PX && child.tagName !== 'PRE' ? anchorsIn(child, top, bottom) : [];
  const next = children[index + 1];
  const isBegun = inner.some((element) => element.getBoundingClientRect().top >= top);
  if (isBegun || !next || next.getBoundingClientRect().top >= bottom) return [...inner, child];
  return [next, ...inner, child];
}

/** The index of the first of these that ends below a line. They follow each other downwards, so few are measured. */
export function firstBelow(elements: readonly Element[], line: number): number {
  let [low, high] = [0, elements.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const box = elements[middle]?.getBoundingClientRect();
    if (box && box.bottom > line) high = middle;
    else low = middle + 1;
  }
  return low;
}
