import { render, screen } from '@solidjs/testing-library';
import { createSignal } from 'solid-js';
import { expect, test } from 'vitest';

import type { Thread } from './create-thread';
import { ChatPlaceProvider } from './place';
import { ThreadTop } from './thread-edges';

const place = {
  chatId: 'Chat_1',
  isClosed: () => false,
  isRoom: () => false,
  canDeleteOwn: () => true,
  canDeleteAny: () => true,
  focusComposer: () => {},
  showMessage: () => {},
};

const emptyThread = {
  messages: () => [],
  error: () => null,
  hasMoreAbove: () => false,
  isLoading: () => false,
} as unknown as Thread;

test('a chat is called empty until its first message is being sent', () => {
  const [hasOutgoing, setOutgoing] = createSignal(false);
  render(() => (
    <ChatPlaceProvider value={place}>
      <ThreadTop thread={emptyThread} hasOutgoing={hasOutgoing()} />
    </ChatPlaceProvider>
  ));
  expect(screen.queryByText('Nothing has been said here yet.')).not.toBeNull();
  setOutgoing(true);
  expect(screen.queryByText('Nothing has been said here yet.')).toBeNull();
});
