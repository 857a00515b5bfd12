import { expect, test } from 'vitest';

import type { Message } from '../store/message-fragments';
import { messageOf } from '../testing/rows';
import { layoutOf } from './room-layout';

const at = (minutes: number) => new Date(2026, 10, 21, 10, minutes).toISOString();
const by = (name: string) => ({ id: name, name, handle: name, avatarColor: '#000000', isAgent: false });
const said = (id: string, name: string, minutes: number, more: Partial<Message> = {}): Message => ({
  ...messageOf(id, null, 'x'),
  author: by(name),
  createdAt: at(minutes),
  ...more,
});
const happened = (id: string, kind: 'JOINED' | 'LEFT' | 'RENAMED', minutes = 0): Message =>
  said(id, 'ann', minutes, { role: 'SYSTEM', event: { kind, text: '', people: [], agents: [] } });

test('an author’s messages belong together for five minutes, unless another one comes between', () => {
  const layouts = layoutOf(
    [said('a', 'ann', 0), said('b', 'ann', 4), said('c', 'ann', 10), said('d', 'bob', 11), said('e', 'ann', 12)],
    null,
  );
  expect([...layouts.values()].map(({ isContinued }) => isContinued)).toEqual([false, true, false, false, false]);
});

test('a reply, the first unread message and a new day stand under a name of their own', () => {
  const quote = { id: 'a', excerpt: 'x', isDeleted: false, author: null, agent: null };
  const layouts = layoutOf(
    [
      said('a', 'ann', 0),
      said('b', 'ann', 1, { replyTo: quote }),
      said('c', 'ann', 2),
      said('d', 'ann', 14 * 60 - 1),
      said('e', 'ann', 14 * 60 + 1),
    ],
    'c',
  );
  expect([...layouts.values()].map(({ isContinued }) => isContinued)).toEqual([false, false, false, false, false]);
  expect([...layouts.values()].map(({ beginsDay }) => beginsDay)).toEqual([true, false, false, false, true]);
  expect(layouts.get('c')?.isFirstUnread).toBe(true);
});

test('two former members do not count as the same person', () => {
  const layouts = layoutOf([said('a', '', 0, { author: null }), said('b', '', 1, { author: null })], null);
  expect(layouts.get('b')?.isContinued).toBe(false);
});

test('three or more comings and goings that follow each other are folded into the first, other events are not', () => {
  const rows = [
    happened('a', 'JOINED'),
    happened('b', 'LEFT', 1),
    happened('c', 'JOINED', 2),
    happened('d', 'RENAMED', 3),
    happened('e', 'JOINED', 4),
    happened('f', 'LEFT', 5),
    said('g', 'ann', 6),
  ];
  const folded = [...layoutOf(rows, null).values()].map((layout) => layout.folded?.map(({ id }) => id) ?? null);
  expect(folded).toEqual([['a', 'b', 'c'], [], [], null, null, null, null]);
});
