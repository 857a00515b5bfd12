import { useParams } from '@solidjs/router';
import { createQuery } from '@urql/solid';
import { Show } from 'solid-js';

import { graphql } from '../generated';
import { NotFoundPage } from '../ui/not-found-page';
import { Conversation } from './conversation';
import { NewChatPage } from './new-chat-page';

const OpenChat = graphql(`
  query OpenChat($id: ID!) {
    chat(id: $id) {
      ...ChatFields
    }
  }
`);

/** `/chat` and `/chat/new` begin a chat; `/chat/:id` goes on with one. */
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
  const [result] = createQuery({ query: OpenChat, variables: () => ({ id: props.id }) });
  const isMissing = () => !result.fetching && !result.stale && !result.error && result.data?.chat === null;
  return (
    <Show when={!isMissing()} fallback={<NotFoundPage />}>
      <Conversation id={props.id} chat={result.data?.chat ?? null} />
    </Show>
  );
}
