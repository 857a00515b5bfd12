import fc from 'fast-check';
import { expect, test } from 'vitest';

import { chatAt, messageOf } from '../testing/rows';
import type { Message } from './message-fragments';
import { applyPage, emptyState, type ThreadState } from './reduce';
import { forkAbove, threadWindow, type WindowPlace } from './thread-window';

const row = (seq: number, parent: number | null): Message => ({
  ...messageOf(`m${seq}`, parent === null ? null : `m${parent}`, `m${seq}`),
  seq,
});

/** The thread of which these pages are known, each from its upper to its lower message; the first ends the visible thread. */
function known(...pages: Message[][]): ThreadState {
  const [newest = [], ...others] = pages;
  const begun = applyPage(emptyState, chatAt(1), newest, { isNewest: true });
  const state = others.reduce((before, page) => applyPage(before, chatAt(1), page, { isNewest: false }), begun);
  const thread = state.threads.get('chat');
  if (!thread) throw new Error('No thread.');
  return thread;
}

const place = (anchor: number, bottom: number, isBottomLast = false): WindowPlace => ({
  anchorId: `m${anchor}`,
  bottomId: `m${bottom}`,
  isBottomLast,
});
const seqs = (rows: readonly Message[]) => rows.map(({ seq }) => seq);

/** One after the other, from one `seq` to another. */
const chain = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => row(from + index, from + index - 1 || null));

test('without a place the window ends with the newest message', () => {
  const window = threadWindow(known(chain(8, 10)), null);
  expect(seqs(window.rows)).toEqual([8, 9, 10]);
  expect(window).toMatchObject({ hasMoreAbove: true, hasMoreBelow: false, hole: null, branch: 'visible' });
});

test('around an anchor far above there is a hole below, until it is loaded', () => {
  const far = threadWindow(known(chain(8, 10), chain(2, 4)), place(3, 4));
  expect(seqs(far.rows)).toEqual([2, 3, 4]);
  const hole = { afterId: 'm4', beforeId: 'm8' };
  expect(far).toMatchObject({ hasMoreAbove: true, hasMoreBelow: true, hole, branch: 'unknown' });

  const joined = threadWindow(known(chain(8, 10), chain(2, 4), chain(5, 7)), place(3, 4));
  expect(seqs(joined.rows)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(joined).toMatchObject({ hasMoreAbove: true, hasMoreBelow: false, hole: null, branch: 'visible' });
});

test('an anchor in another branch is shown there, and is known to be in another one', () => {
  // 3 and 4 answer 2, as 5 does; 5 is shown.
  const branch = [row(1, null), row(2, 1), row(3, 2), row(4, 3)];
  const whole = known([row(1, null), row(2, 1), row(5, 2), row(6, 5)], branch);
  const window = threadWindow(whole, place(3, 4, true));
  expect(seqs(window.rows)).toEqual([1, 2, 3, 4]);
  expect(window).toMatchObject({ hasMoreAbove: false, hasMoreBelow: false, hole: null, branch: 'other' });

  // The end of the visible thread is all that is known of it; the branch's own end says as much.
  const end = known([row(6, 5)], branch);
  expect(threadWindow(end, place(3, 4)).branch).toBe('unknown');
  expect(threadWindow(end, place(3, 4, true)).branch).toBe('other');
});

test('what the server said of a branch counts until another one is visible', () => {
  const thread = known(chain(8, 10), chain(2, 4));
  expect(threadWindow(thread, { ...place(3, 4), otherThanHeadId: 'm10' }).branch).toBe('other');
  expect(threadWindow(thread, { ...place(3, 4), otherThanHeadId: 'm9' }).branch).toBe('unknown');
  expect(threadWindow(thread, { ...place(9, 9), otherThanHeadId: 'm10' }).branch).toBe('visible');
});

test('the lowest fork above an anchor is the last message with siblings on the way to it', () => {
  const forked = chain(1, 6).map((each) =>
    [3, 5].includes(each.seq) ? { ...each, siblings: [{ id: each.id }, { id: 'other' }] } : each,
  );
  expect(forkAbove(forked, 'm4')?.id).toBe('m3');
  expect(forkAbove(forked, 'm5')?.id).toBe('m5');
  expect(forkAbove(forked, 'm2')).toBeUndefined();
});

test('an anchor that is not known shows nothing', () => {
  const window = threadWindow(known(chain(8, 10)), place(3, 3));
  expect(window).toEqual({
    rows: [],
    hasMoreAbove: false,
    hasMoreBelow: false,
    hole: { afterId: 'm3', beforeId: 'm8' },
    branch: 'unknown',
  });
});

/** A tree of messages, a head, an anchor, and which messages are known. The head always is. */
const scene = fc
  .record({
    parents: fc.array(fc.nat(), { minLength: 1, maxLength: 30 }),
    head: fc.nat(),
    anchor: fc.nat(),
    unknown: fc.array(fc.nat(), { maxLength: 12 }),
  })
  .map(({ parents, head, anchor, unknown }) => {
    const rows = [row(1, null), ...parents.map((parent, index) => row(index + 2, (parent % (index + 1)) + 1))];
    const headSeq = (head % rows.length) + 1;
    const anchorSeq = (anchor % rows.length) + 1;
    const missing = new Set(unknown.map((at) => (at % rows.length) + 1).filter((seq) => seq !== headSeq));
    return { rows, headSeq, anchorSeq, missing };
  });

const pathTo = (rows: readonly Message[], seq: number): number[] => {
  const path: number[] = [];
  for (let at = rows[seq - 1]; at; at = rows.find(({ id }) => id === at?.parent?.id)) path.unshift(at.seq);
  return path;
};

test('a window is an unbroken part of a branch, and says truly where more is', () => {
  fc.assert(
    fc.property(scene, ({ rows, headSeq, anchorSeq, missing }) => {
      const here = rows.filter(({ seq }) => !missing.has(seq) && seq !== headSeq);
      const thread = known([rows[headSeq - 1] as Message], here);
      const window = threadWindow(thread, place(anchorSeq, anchorSeq));
      const visible = pathTo(rows, headSeq);
      const shown = seqs(window.rows);

      if (missing.has(anchorSeq)) {
        expect(shown).toEqual([]);
        return;
      }
      expect(shown).toContain(anchorSeq);
      // Unbroken: the end of the path from the root to its last row.
      expect(pathTo(rows, shown.at(-1) ?? 0).slice(-shown.length)).toEqual(shown);
      expect(window.hasMoreAbove).toBe(shown[0] !== 1);
      if (window.branch === 'visible') expect(visible.slice(-shown.length)).toEqual(shown);
      if (window.branch === 'other') expect(visible).not.toContain(anchorSeq);
      // With all that is known, nothing is unknown.
      if (missing.size === 0) expect(window.branch).toBe(visible.includes(anchorSeq) ? 'visible' : 'other');
      expect(window.hole !== null).toBe(window.branch === 'unknown');
    }),
  );
});
