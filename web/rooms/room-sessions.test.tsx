import { createSignal } from 'solid-js';
import { render } from 'solid-js/web';
import { expect, test } from 'vitest';

import { type Feed, FeedProvider } from '../feed/create-feed';
import { chatAt } from '../testing/rows';
import { RoomSessions } from './room-sessions';

test('a session stays the same button while the list is asked for again', async () => {
  const [room, setRoom] = createSignal(chatAt(1, { kind: 'ROOM' }));
  const nodes = [sessionOf('first', 'RUNNING')];
  const executeQuery = () => {
    const pageInfo = { hasNextPage: false, endCursor: null };
    const data = { chat: { runs: { nodes: [...nodes], pageInfo } } };
    return { toPromise: () => Promise.resolve({ data }) };
  };
  const root = document.createElement('div');
  const dispose = render(
    () => (
      <FeedProvider value={{ client: { executeQuery } } as unknown as Feed}>
        <RoomSessions room={room()} onShow={() => {}} />
      </FeedProvider>
    ),
    root,
  );
  const details = root.querySelector('details');
  if (details) details.open = true;
  details?.dispatchEvent(new Event('toggle'));
  await expect.poll(() => root.querySelectorAll('li button')).toHaveLength(1);
  const button = root.querySelector('li button');

  nodes.splice(0, 1, sessionOf('second', 'RUNNING'), sessionOf('first', 'STOPPED'));
  setRoom(chatAt(2, { kind: 'ROOM', isAnswering: true }));
  await expect.poll(() => root.querySelectorAll('li button')).toHaveLength(2);
  expect(root.querySelectorAll('li button')[1]).toBe(button);
  expect(button?.textContent).toContain('Question first');
  dispose();
});

function sessionOf(id: string, status: string) {
  return {
    id,
    status,
    createdAt: '2026-11-21T00:00:00.000Z',
    startedAt: null,
    endedAt: null,
    agent: { id: 'agent', name: 'Claude' },
    initiator: null,
    trigger: { id: `question of ${id}`, excerpt: `Question ${id}` },
    message: null,
    usage: null,
  };
}
