import { render } from '@solidjs/testing-library';
import { createSignal } from 'solid-js';
import { expect, test } from 'vitest';

import type { Thread } from './create-thread';
import { ChatPlaceProvider } from './place';
import { ThreadTop } from './thread-edges';
import { threadWords } from './words';

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
  const { container } = render(() => (
    <ChatPlaceProvider value={place}>
      <ThreadTop thread={emptyThread} hasOutgoing={hasOutgoing()} />
    </ChatPlaceProvider>
  ));
  const { noMessages } = threadWords();
  expect(container.textContent).toContain(noMessages);
  setOutgoing(true);
  expect(container.textContent).not.toContain(noMessages);
});
