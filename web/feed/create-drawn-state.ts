import { createSignal, onCleanup, type Accessor } from 'solid-js';

import { emptyState, type FeedState } from '../store/reduce';

export interface DrawnState {
  /** As components read it. */
  drawn: Accessor<FeedState>;
  /** With what is not drawn yet. */
  latest: () => FeedState;
  draw: (next: FeedState) => void;
  /** With the next frame, whatever the number of changes until then. */
  drawInFrame: (next: FeedState) => void;
  /** With the next change. */
  drawLater: (next: FeedState) => void;
}

/** The state of a feed, which may change more often than a screen shows it. */
export function createDrawnState(): DrawnState {
  const [drawn, setDrawn] = createSignal<FeedState>(emptyState);
  let latest = emptyState;
  let frame = 0;
  onCleanup(() => cancelAnimationFrame(frame));

  function draw(next: FeedState) {
    cancelAnimationFrame(frame);
    frame = 0;
    latest = next;
    setDrawn(next);
  }

  return {
    drawn,
    latest: () => latest,
    draw,
    drawInFrame(next) {
      latest = next;
      frame ||= requestAnimationFrame(() => draw(latest));
    },
    drawLater: (next) => void (latest = next),
  };
}
