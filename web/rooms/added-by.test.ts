import { expect, test } from 'vitest';

import type { Message } from '../store/message-fragments';
import { messageOf } from '../testing/rows';
import { addedBy } from './added-by';

const person = (id: string) => ({ id, handle: id, name: id, avatarColor: '#000', isAgent: false });
const says = (id: string, by: string): Message => ({ ...messageOf(id, null, 'Hi'), author: person(by) });
const added = (id: string, by: string, whom: string): Message => ({
  ...says(id, by),
  role: 'SYSTEM',
  event: { kind: 'ADDED', text: '', people: [person(whom)], agents: [] },
});

test('an added member is shown by whom, until they write', () => {
  const line = [added('1', 'ann', 'bob'), says('2', 'ann'), added('3', 'bea', 'eve')];
  expect(addedBy(line, 'bob')?.id).toBe('1');
  expect(addedBy([...line, says('4', 'bob')], 'bob')).toBeNull();
  expect(addedBy([...line, says('4', 'bob'), added('5', 'bea', 'bob')], 'bob')?.author?.name).toBe('bea');
});

test('a member who added others, or joined by themselves, is shown nothing', () => {
  expect(addedBy([added('1', 'ann', 'bob')], 'ann')).toBeNull();
  expect(addedBy([says('1', 'ann')], 'bob')).toBeNull();
});
