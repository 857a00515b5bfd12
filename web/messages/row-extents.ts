import type { Message } from '../store/message-fragments';
import { effectiveContent } from '../store/message-fragments';

/** Between two rows: the thread's `gap-4`. */
export const ROW_GAP_PX = 16;
const LINE_PX = 26;
const LINE_CHARACTERS = 70;
/** Of a row without its text: its name and its tools. */
const FRAME_PX = 76;

/** How high rows are, with the gap below them: as measured, or as estimated from the text. */
export function makeRowExtents() {
  const measured = new Map<string, number>();

  return {
    /** Measures the rows that are in the page. */
    measure(content: Element) {
      const rows = [...content.querySelectorAll(':scope > [data-message]')];
      for (const row of rows) {
        const id = row.getAttribute('data-message');
        const { top, bottom } = row.getBoundingClientRect();
        const next = row.nextElementSibling?.getBoundingClientRect().top ?? bottom + ROW_GAP_PX;
        if (id) measured.set(id, next - top);
      }
    },
    of: (message: Message) => measured.get(message.id) ?? estimated(message),
  };
}

export type RowExtents = ReturnType<typeof makeRowExtents>;

function estimated(message: Message): number {
  const text = effectiveContent(message);
  let breaks = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) breaks += 1;
  return Math.ceil(text.length / LINE_CHARACTERS + breaks / 2) * LINE_PX + FRAME_PX + ROW_GAP_PX;
}
