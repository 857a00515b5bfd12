import { expect, test } from 'vitest';

import { isAnswerTo, notableMessage } from './notable-message';

type Row = Parameters<typeof notableMessage>[0][number];

const said = (id: string, by: string, mentions: Row['mentions'] = []): Row => ({
  id,
  role: 'USER',
  excerpt: `words of ${id}`,
  isDeleted: false,
  author: { id: by, name: by },
  agent: null,
  mentions,
  run: null,
});
const answered = (id: string, forWhom: string, status: NonNullable<Row['run']>['status'] = 'COMPLETED'): Row => ({
  ...said(id, 'nobody'),
  role: 'ASSISTANT',
  author: null,
  agent: { id: 'claude', name: 'Claude' },
  run: { id, status, initiator: { id: forWhom } },
});
const [me, all] = [[{ isRoom: false, person: { id: 'me' } }], [{ isRoom: true, person: null }]];
const told = (messages: Row[], notify: 'ALL' | 'MENTIONS' = 'MENTIONS', firstUnreadId: string | null = null) =>
  notableMessage(messages, { firstUnreadId, notify }, 'me')?.id;

test('the newest message that mentions the person is notified, not a later one', () => {
  expect(told([said('1', 'ann', me), said('2', 'ann', all), said('3', 'bob'), said('4', 'me', all)])).toBe('2');
  expect(told([said('1', 'ann', [{ isRoom: false, person: { id: 'bob' } }])])).toBeUndefined();
});

test('where all messages are wanted, the newest of others is notified', () => {
  const event = { ...said('3', 'bob'), role: 'SYSTEM' as const };
  expect(told([said('1', 'ann', me), said('2', 'bob'), event, said('4', 'me')], 'ALL')).toBe('2');
});

test('what was read, deleted or is still being written is not notified', () => {
  const line = [said('1', 'ann', me), said('2', 'bob'), said('3', 'ann')];
  expect(told(line, 'MENTIONS', '2')).toBeUndefined();
  expect(told(line, 'MENTIONS', 'older')).toBe('1');
  expect(told([{ ...said('1', 'ann', me), isDeleted: true }])).toBeUndefined();
  expect(told([answered('1', 'me', 'RUNNING')])).toBeUndefined();
});

test('an answer is notified to the person who asked for it', () => {
  const line = [answered('1', 'me'), answered('2', 'ann')];
  expect(told(line)).toBe('1');
  expect(line.map((each) => isAnswerTo(each, 'me'))).toEqual([true, false]);
});

test('an answer of a service agent is notified to the person who asked for it, once it has ended', () => {
  const byRobot = (status: NonNullable<Row['run']>['status']): Row => ({
    ...answered('1', 'me', status),
    author: { id: 'robot', name: 'Robot' },
    agent: null,
    mentions: me ?? [],
  });
  expect(told([byRobot('RUNNING')])).toBeUndefined();
  expect(told([byRobot('COMPLETED')])).toBe('1');
  expect(isAnswerTo(byRobot('COMPLETED'), 'me')).toBe(true);
});
