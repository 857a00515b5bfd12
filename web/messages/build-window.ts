import { batch, createContext, onCleanup, useContext } from 'solid-js';

import { firstBelow } from '../ui/create-follow-scroll';
import { whenIdle } from '../ui/when-idle';

/** A piece of a message, which is costly to build from its text and can be shown as plain text of about its height. */
export interface Slice {
  /** Marked with `data-slice`; a whole text, which is built by cutting it into slices, with `data-text`. */
  element: HTMLElement;
  isBuilt: () => boolean;
  /** Built wherever it is, and never released: part of the last message. */
  isKept: () => boolean;
  build: () => void;
  /** @param height of what was built. */
  release: (height: number) => void;
}

export interface BuildWindow {
  /** Until the owner of the slice is disposed of. */
  add: (slice: Slice) => void;
  /** Builds what is in view at once, as far as a frame allows, and what is near it when the browser is idle. */
  update: () => void;
  /** As `update`, when the next frame is made. */
  updateSoon: () => void;
}

/** In heights of the frame, above and below it. */
const NEAR = 2;
const FAR = 6;
/** What a frame can spend on slices in view. One more may be begun just before; with their layout they stay below 50 ms. */
const FRAME_BUDGET_MS = 10;

const Context = createContext<BuildWindow>();

export const BuildWindowProvider = Context.Provider;

/** Undefined outside of a thread: then all is built at once. */
export const useBuildWindow = () => useContext(Context);

/** Builds the slices of a thread that are near the view, and releases those that are far from it. */
export function createBuildWindow(frame: () => HTMLElement | undefined): BuildWindow {
  const slices = new Map<Element, Slice>();
  let cancelIdle: (() => void) | undefined;
  let soon = 0;
  onCleanup(() => {
    cancelIdle?.();
    cancelAnimationFrame(soon);
  });

  function update() {
    const view = frame()?.getBoundingClientRect();
    if (!view || slices.size === 0) return;
    const until = performance.now() + FRAME_BUDGET_MS;
    // Each that is built moves those below it. Long plain texts would be laid out and painted whole.
    for (let next = nearestText(view); next; next = nearestText(view)) next.build();
    for (let next = nearest(view, 0); next && performance.now() < until; next = nearest(view, 0)) next.build();
    cancelIdle ??= whenIdle(work);
  }

  /** One slice for each idle time: what it moves is laid out and put in place before the next. */
  function work() {
    cancelIdle = undefined;
    const view = frame()?.getBoundingClientRect();
    if (!view) return;
    const next =
      nearestText(view) ??
      nearest(view, NEAR) ??
      [...slices.values()].findLast((slice) => slice.isKept() && canBuild(slice));
    next?.build();
    if (next) cancelIdle = whenIdle(work);
    else releaseFar(view);
  }

  const nearestText = (view: DOMRect) => nearest(view, NEAR, '[data-text]');

  /** The unbuilt slice that is nearest to the middle of the view, within some heights of the frame. */
  function nearest(view: DOMRect, heights: number, selector = '[data-slice]'): Slice | undefined {
    const elements = [...(frame()?.querySelectorAll(selector) ?? [])];
    const margin = heights * view.height;
    const middle = view.top + view.height / 2;
    let found: { slice: Slice; distance: number } | undefined;
    for (let index = firstBelow(elements, view.top - margin); index < elements.length; index += 1) {
      const element = elements[index];
      const box = element?.getBoundingClientRect();
      if (!element || !box || box.top >= view.bottom + margin) break;
      const slice = slices.get(element);
      const distance = Math.max(box.top - middle, middle - box.bottom);
      if (slice && canBuild(slice) && (!found || distance < found.distance)) found = { slice, distance };
    }
    return found?.slice;
  }

  function releaseFar(view: DOMRect) {
    const margin = FAR * view.height;
    const far = [...slices.values()].filter((slice) => {
      if (!slice.isBuilt() || slice.isKept()) return false;
      const { top, bottom } = slice.element.getBoundingClientRect();
      return (bottom < view.top - margin || top > view.bottom + margin) && !isInUse(slice.element);
    });
    // All are measured before the first is released: to measure between changes would lay out the page for each.
    const heights = far.map(({ element }) => element.firstElementChild?.getBoundingClientRect().height ?? 0);
    batch(() => far.forEach((slice, index) => slice.release(heights[index] ?? 0)));
  }

  function updateSoon() {
    soon ||= requestAnimationFrame(() => {
      soon = 0;
      update();
    });
  }

  return {
    add(slice) {
      slices.set(slice.element, slice);
      onCleanup(() => slices.delete(slice.element));
      // A short thread fills the frame in any case, so that no change of its size announces a new slice.
      updateSoon();
    },
    update,
    updateSoon,
  };
}

/** The end of a selection would be lost with the text that it stands in. */
function canBuild({ element, isBuilt }: Slice): boolean {
  if (isBuilt()) return false;
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed) return true;
  return !element.contains(selection.anchorNode) && !element.contains(selection.focusNode);
}

/** Whether something in it would be lost: the focus, a selection, an image that the reader asked for. */
function isInUse(element: HTMLElement): boolean {
  const selection = document.getSelection();
  if (selection && !selection.isCollapsed && selection.containsNode(element, true)) return true;
  return element.contains(document.activeElement) || element.querySelector('img') !== null;
}
