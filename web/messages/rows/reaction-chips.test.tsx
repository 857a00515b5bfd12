import { createSignal } from 'solid-js';
import { render } from 'solid-js/web';
import { expect, test } from 'vitest';

import { type Feed, FeedProvider } from '../../feed/create-feed';
import type { Message } from '../../store/message-fragments';
import { ChatPlaceProvider, type ChatPlace } from '../place';
import { ReactionChips } from './reaction-chips';

function withReactions(counts: Record<string, number>): Message {
  const reactions = Object.entries(counts).map(([emoji, count]) => ({
    emoji,
    count,
    viewerReacted: false,
    people: [],
  }));
  return { id: 'message', reactions } as unknown as Message;
}

test('a button stays the same element while the reactions of the message change', () => {
  const [message, setMessage] = createSignal(withReactions({ '👍': 1, '🎉': 1 }));
  const root = document.createElement('div');
  const dispose = render(
    () => (
      <FeedProvider value={{} as Feed}>
        <ChatPlaceProvider value={{ isClosed: () => false } as ChatPlace}>
          <ReactionChips message={message()} />
        </ChatPlaceProvider>
      </FeedProvider>
    ),
    root,
  );
  const [thumb, party] = root.querySelectorAll('button');
  expect(party?.textContent).toBe('🎉1');

  setMessage(withReactions({ '👍': 1, '🎉': 2, '🚀': 1 }));
  expect([...root.querySelectorAll('button')].slice(0, 2)).toEqual([thumb, party]);
  expect(root.querySelectorAll('button')[1]).toBe(party);
  expect(party?.textContent).toBe('🎉2');

  setMessage(withReactions({ '🎉': 2 }));
  expect([...root.querySelectorAll('button')]).toHaveLength(1);
  expect(root.querySelector('button')).toBe(party);
  dispose();
});
