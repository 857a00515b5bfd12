import { createEffect, onCleanup, type Accessor } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import { outlivingPage } from '../graphql/client';
import { perform } from '../graphql/perform';
import type { Chat } from '../store/chat-fragments';

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
 * Notes the messages of an open room as read that were in view while the page was visible, and all above them. Returns what is to be given the
 * `seq` of the lowest message in view. After a failure the next one tries it again.
 */
export function createReadMarks(room: Accessor<Chat | null>): (seq: number) => void {
  const feed = useFeed();
  /** The room of these messages: when one leaves it, `room` may be another one already. */
  let chatId: string | null = null;
  /** The lowest that was in view so far. */
  let seen = 0;
  /** The lowest that was in view first. */
  let first = 0;
  let noted = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What was in view was seen, however soon one leaves: also before it is known that it was unread. */
  function markRest() {
    if (chatId !== null && (timer !== undefined || seen > Math.max(noted, first))) void mark(chatId);
  }

  function markSoon() {
    const chat = room();
    if (!chat || chat.unreadCount === 0 || seen <= noted || document.visibilityState !== 'visible') return;
    timer ??= setTimeout(() => void mark(chat.id), PAUSE_MS);
  }

  async function mark(id: string) {
    clearTimeout(timer);
    timer = undefined;
    // It may have been hidden meanwhile: what was in view before was seen.
    const seq = seen;
    const done = await perform(feed.client, MarkRead, { input: { chatId: id, seq } }, outlivingPage);
    if (!done.payload) return;
    noted = Math.max(noted, seq);
    feed.putMutation(done.payload.chat);
  }

  // The last that a page hears before it is closed is that it is hidden.
  const onVisibility = () => (document.visibilityState === 'visible' ? markSoon() : markRest());

  createEffect(markSoon);
  document.addEventListener('visibilitychange', onVisibility);
  onCleanup(() => document.removeEventListener('visibilitychange', onVisibility));
  onCleanup(markRest);
  return (seq) => {
    if (seq <= seen) return;
    chatId ??= room()?.id ?? null;
    first ||= seq;
    seen = seq;
    markSoon();
  };
}
