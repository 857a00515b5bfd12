import { createComputed, createMemo, createSignal, onCleanup, untrack, type Accessor } from 'solid-js';

import type { Message } from '../store/message-fragments';
import { whenIdle } from '../ui/when-idle';
import { makeRowExtents, ROW_GAP_PX } from './row-extents';
import {
  balanced,
  carriedOver,
  covering,
  endRange,
  noRows,
  rangeAround,
  withGaps,
  type RowRange,
  type RowRangeState,
} from './row-range';
import { rowsBetween, type RowGap } from './rows-between';

interface RowState extends RowRangeState {
  rows: readonly Message[];
}

/** In heights of the frame: rows this near to the view are made at once. */
const NEAR = 1;

interface RowWindowOptions {
  messages: Accessor<readonly Message[]>;
  isFollowing: Accessor<boolean>;
  frame: () => HTMLElement | undefined;
  content: () => HTMLElement | undefined;
  /** Rows came or went: the reader's place is to be held. */
  onChange: () => void;
}

/** Keeps the rows of a long thread in the page that are near the view, and lets those go that are far from it. */
export function createRowWindow({ messages, isFollowing, frame, content, onChange }: RowWindowOptions) {
  const extents = makeRowExtents();
  const [state, setState] = createSignal<RowState>({ ...noRows, rows: [] });
  const [kept, setKept] = createSignal<ReadonlySet<string>>(new Set());
  let cancelIdle: (() => void) | undefined;
  onCleanup(() => cancelIdle?.());

  createComputed(() => {
    const rows = [...messages()];
    const ids = rows.map(({ id }) => id);
    setState((before) => ({ ...carriedOver(before, ids, untrack(isFollowing)), rows }));
  });

  const items = createMemo<(Message | RowGap)[]>(() =>
    withGaps(state(), (id) => kept().has(id)).flatMap((item) => {
      if (typeof item === 'object') return gapAt(item);
      return state().rows[item] ?? [];
    }),
  );

  function gapAt(range: RowRange): RowGap {
    const rows = untrack(state).rows.slice(range.from, range.to);
    const height = rows.reduce((sum, row) => sum + extents.of(row), -ROW_GAP_PX);
    return { ...range, height: Math.max(0, height) };
  }

  function set(range: RowRange) {
    const { ids, rows, range: before } = state();
    if (range === before) return false;
    const element = content();
    if (element) {
      extents.measure(element);
      setKept(inUseOutside(element, new Set(ids.slice(range.from, range.to))));
    }
    setState({ ids, rows, range });
    onChange();
    return true;
  }

  /** The rows within some heights of the frame around the view. */
  function near(heights: number): RowRange | null {
    const view = frame()?.getBoundingClientRect();
    const element = content();
    if (!view || !element || view.height === 0) return null;
    const margin = heights * view.height;
    return rowsBetween(view.top - margin, view.bottom + margin, {
      content: element,
      items: items(),
      extents,
      ...state(),
    });
  }

  /** Makes what is near the view at once, and the rest when the browser is idle. */
  function update() {
    // Rows can be lower than estimated.
    for (let turn = 0; turn < 4; turn += 1) {
      const seen = near(NEAR);
      if (!seen || !set(covering(state().range, seen))) break;
    }
    cancelIdle ??= whenIdle(work);
  }

  function work() {
    cancelIdle = undefined;
    const seen = near(0);
    if (seen && set(balanced(state().range, seen, state().ids.length))) cancelIdle = whenIdle(work);
  }

  return {
    items,
    update,
    /** Puts a row into the page. Returns false where there is no such row. */
    reveal(id: string): boolean {
      const { ids, range } = state();
      const index = ids.indexOf(id);
      if (index >= 0 && (index < range.from || index >= range.to)) set(rangeAround(index, ids.length));
      return index >= 0;
    },
    revealEnd() {
      const { ids, range } = state();
      if (range.to < ids.length) set(endRange(ids.length));
    },
  };
}

export type RowWindow = ReturnType<typeof createRowWindow>;

/** Rows in which something would be lost: the focus, a selection, an open menu or editor, an image that was asked for. */
function inUseOutside(content: Element, range: ReadonlySet<string>): ReadonlySet<string> {
  const rows = [...content.querySelectorAll(':scope > [data-message]')].filter(
    (row) => !range.has(row.getAttribute('data-message') ?? '') && isInUse(row),
  );
  return new Set(rows.map((row) => row.getAttribute('data-message') ?? ''));
}

function isInUse(row: Element): boolean {
  const selection = document.getSelection();
  if (selection && !selection.isCollapsed && selection.containsNode(row, true)) return true;
  return row.contains(document.activeElement) || !!row.querySelector('textarea, img, [aria-expanded="true"]');
}
