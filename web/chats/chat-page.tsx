import { useParams, useSearchParams } from '@solidjs/router';
import { createEffect, on, Show } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import { createThread } from '../messages/create-thread';
import { openingAt, takeReadingPlace } from '../messages/reading-place';
import { NotFoundPage } from '../ui/not-found-page';
import { Conversation } from './conversation';
import { NewChatPage } from './new-chat-page';

/** `/chat` and `/chat/new` begin a chat; `/chat/:id` goes on with one, `/chat/:id?message=…` at one of its messages. */
export default function ChatPage() {
  const params = useParams<{ id?: string }>();
  const id = () => (params.id && params.id !== 'new' ? params.id : null);
  return (
    <Show when={id()} keyed fallback={<NewChatPage />}>
      {(chatId) => <OpenChatPage id={chatId} />}
    </Show>
  );
}

function OpenChatPage(props: { id: string }) {
  const feed = useFeed();
  const [search] = useSearchParams<{ message?: string }>();
  const asked = search.message;
  // oxlint-disable-next-line solid/reactivity -- the page is made anew for every chat
  const thread = createThread(props.id, takeReadingPlace(props.id) ?? (asked ? openingAt(asked) : null));
  createEffect(
    on(
      () => search.message,
      (messageId) => messageId && thread.show(messageId),
      { defer: true },
    ),
  );
  return (
    <Show when={!thread.isMissing()} fallback={<NotFoundPage />}>
      <Conversation id={props.id} chat={feed.known().chats.get(props.id) ?? null} thread={thread} />
    </Show>
  );
}
