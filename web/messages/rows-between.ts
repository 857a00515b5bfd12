import type { Message } from '../store/message-fragments';
import { firstBelow } from '../ui/create-follow-scroll';
import type { RowExtents } from './row-extents';
import type { RowRange } from './row-range';

/** In the place of rows that are not in the page. */
export interface RowGap extends RowRange {
  height: number;
}

interface RowsInPage {
  content: Element;
  /** Each is one element of the content, in the same order. */
  items: readonly (Message | RowGap)[];
  extents: RowExtents;
  ids: readonly string[];
  rows: readonly Message[];
}

/** The rows that reach into a part of the screen: as laid out, and those in gaps by their heights. */
export function rowsBetween(top: number, bottom: number, page: RowsInPage): RowRange | null {
  const elements = [...page.content.querySelectorAll(':scope > :is([data-message], [data-gap])')];
  const found: RowRange = { from: Infinity, to: -Infinity };
  for (let at = firstBelow(elements, top); at < elements.length; at += 1) {
    const box = elements[at]?.getBoundingClientRect();
    const item = page.items[at];
    if (!box || !item || box.top >= bottom) break;
    const index = 'height' in item ? -1 : page.ids.indexOf(item.id);
    const { from, to } =
      'height' in item ? rowsInGap(item, top - box.top, bottom - box.top, page) : { from: index, to: index + 1 };
    found.from = Math.min(found.from, from);
    found.to = Math.max(found.to, to);
  }
  return found.to > found.from ? found : null;
}

function rowsInGap(gap: RowGap, top: number, bottom: number, { rows, extents }: RowsInPage): RowRange {
  let [at, from, to] = [0, gap.to, gap.from];
  for (let index = gap.from; index < gap.to && at < bottom; index += 1) {
    const row = rows[index];
    at += row ? extents.of(row) : 0;
    if (at <= top) continue;
    from = Math.min(from, index);
    to = index + 1;
  }
  // By the heights the gap may end above its own lower edge.
  return to > from ? { from, to } : { from: gap.to - 1, to: gap.to };
}
