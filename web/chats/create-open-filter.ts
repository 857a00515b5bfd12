import { useParams } from '@solidjs/router';
import { createEffect } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import type { ChatFilter } from '../generated/graphql';
import type { Chat } from '../store/chat-fragments';

/** Chooses the filter that shows a chat when it is opened, once. What becomes of it later leaves the list as it is. */
export function createOpenFilter(choose: (filter: ChatFilter) => void): void {
  const params = useParams<{ id?: string }>();
  const feed = useFeed();
  let shownId: string | undefined;
  createEffect(() => {
    const { id } = params;
    const chat = id ? feed.state().chats.get(id) : undefined;
    if (id !== shownId) shownId = undefined;
    if (!chat || shownId) return;
    shownId = id;
    choose(filterOf(chat));
  });
}

function filterOf(chat: Chat): ChatFilter {
  if (chat.deletedAt) return 'DELETED';
  return chat.archivedAt ? 'ARCHIVED' : 'ACTIVE';
}
