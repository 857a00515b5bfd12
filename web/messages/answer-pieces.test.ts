import { expect, test } from 'vitest';

import type { Message } from '../store/message-fragments';
import { messageOf, runOf } from '../testing/rows';
import { piecesAround } from './answer-pieces';

const claude = { id: 'claude', name: 'Claude' };
const robot = { id: 'robot', name: 'Robot', handle: 'robot', avatarColor: '#123456', isAgent: true };
const answer = (id: string, by: Partial<Message>): Message => ({
  ...messageOf(id, null, id, runOf(id, 'COMPLETED')),
  ...by,
});
const idsAround = (messages: readonly Message[], index: number) => {
  const { opening, rest } = piecesAround(messages, index);
  return [opening, rest].map((pieces) => pieces.map(({ id }) => id));
};

test('answers of one agent below each other are pieces of one', () => {
  const thread = [messageOf('question', null, 'x'), ...['a', 'b', 'c'].map((id) => answer(id, { agent: claude }))];
  expect(idsAround(thread, 2)).toEqual([['a'], ['c']]);
});

test('an answer of another agent and a deleted one are not', () => {
  const thread = [
    answer('a', { agent: claude }),
    answer('b', { agent: { id: 'echo', name: 'Echo' } }),
    answer('c', { agent: claude }),
    answer('d', { agent: claude, isDeleted: true }),
  ];
  expect(thread.map((_, index) => idsAround(thread, index))).toEqual(thread.map(() => [[], []]));
});

test('answers of service agents are never pieces, whether of one or of two', () => {
  const thread = [
    answer('a', { author: robot }),
    answer('b', { author: robot }),
    answer('c', { author: { ...robot, id: 'other' } }),
    answer('d', { agent: claude }),
  ];
  expect(thread.map((_, index) => idsAround(thread, index))).toEqual(thread.map(() => [[], []]));
});
