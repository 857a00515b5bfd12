import { useParams, useSearchParams } from '@solidjs/router';
import { createComputed, createEffect, on, Show } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import { createThread, type Thread } from '../messages/create-thread';
import { openingAt, openingAtUnread, takeReadingPlace } from '../messages/reading-place';
import type { Chat } from '../store/chat-fragments';
import { NotFoundPage } from '../ui/not-found-page';
import { Conversation } from './conversation';
import { NewChatPage } from './new-chat-page';

/** `/chat` and `/chat/new` begin a chat; `/chat/:id` goes on with one, `/chat/:id?message=…` at one of its messages. */
export default function ChatPage() {
  const params = useParams<{ id?: string }>();
  const id = () => (params.id && params.id !== 'new' ? params.id : null);
  return (
    <Show when={id()} keyed fallback={<NewChatPage />}>
      {(chatId) => <SeenChatPage id={chatId} />}
    </Show>
  );
}

/** Recreated where a removed member is back in the room. */
function SeenChatPage(props: { id: string }) {
  const feed = useFeed();
  return (
    <Show when={!feed.state().gone.has(props.id)} fallback={<NotFoundPage />}>
      <OpenChatPage id={props.id} />
    </Show>
  );
}

function OpenChatPage(props: { id: string }) {
  const feed = useFeed();
  const [search] = useSearchParams<{ message?: string }>();
  const asked = search.message;
  // oxlint-disable-next-line solid/reactivity -- the page is recreated for every chat
  const opening = takeReadingPlace(props.id) ?? (asked ? openingAt(asked) : null);
  // oxlint-disable-next-line solid/reactivity -- the page is recreated for every chat
  const thread = createThread(props.id, opening);
  const chat = () => feed.state().chats.get(props.id);
  if (!opening) createUnreadOpening(thread, chat);
  createEffect(
    on(
      () => search.message,
      (messageId) => messageId && thread.show(messageId),
      { defer: true },
    ),
  );
  return (
    <Show when={!thread.isMissing()} fallback={<NotFoundPage />}>
      <Conversation id={props.id} chat={chat() ?? null} thread={thread} />
    </Show>
  );
}

/** Once, as soon as it is known what the reader has not seen: in a room, one goes on reading where one stopped. */
function createUnreadOpening(thread: Thread, room: () => Chat | undefined) {
  let isOpened = false;
  createComputed(() => {
    const chat = room();
    if (isOpened || !chat) return;
    isOpened = true;
    if (chat.kind === 'ROOM' && chat.firstUnreadId)
      thread.show(chat.firstUnreadId, openingAtUnread(chat.firstUnreadId));
  });
}
