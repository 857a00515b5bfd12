import { createEffect, onCleanup, type Accessor } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import { perform } from '../graphql/perform';
import type { Chat } from '../store/chat-fragments';
import type { Message } from '../store/message-fragments';

const MarkRead = graphql(`
  mutation MarkRead($input: MarkReadInput!) {
    markRead(input: $input) {
      __typename
      ... on MarkReadPayload {
        chat {
          ...ChatFields
        }
      }
      ...FailureFields
    }
  }
`);

/** Messages that come one after the other are noted together. */
const PAUSE_MS = 500;

/**
 * Notes the messages of an open room as read while the page is visible, also those below the part that is in view. After a failure the next
 * message tries it again.
 */
export function createReadMarks(room: Accessor<Chat | null>, messages: Accessor<readonly Message[]>): void {
  const feed = useFeed();
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  function markSoon() {
    clearTimeout(timer);
    const [chat, seq] = [room(), messages().at(-1)?.seq];
    if (!chat || chat.unreadCount === 0 || seq === undefined || document.visibilityState !== 'visible') return;
    timer = setTimeout(async () => {
      const done = await perform(feed.client, MarkRead, { input: { chatId: chat.id, seq } });
      if (done.payload) feed.putMutation(done.payload.chat);
    }, PAUSE_MS);
  }

  createEffect(markSoon);
  document.addEventListener('visibilitychange', markSoon);
  onCleanup(() => document.removeEventListener('visibilitychange', markSoon));
}
