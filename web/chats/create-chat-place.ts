import type { Accessor } from 'solid-js';

import type { ChatAction } from '../generated/graphql';
import type { ChatPlace } from '../messages/place';
import type { Chat } from '../store/chat-fragments';

/** The place that a chat is for its messages, also before the chat is known. */
export function createChatPlace(
  chat: Accessor<Chat | null>,
  rest: Pick<ChatPlace, 'chatId' | 'focusComposer' | 'showMessage'>,
): ChatPlace {
  const can = (action: ChatAction) => !!chat()?.viewerCan.includes(action);
  const isRoom = () => chat()?.kind === 'ROOM';
  return {
    ...rest,
    isClosed: () => !!chat() && !can('POST'),
    isRoom,
    canDeleteOwn: () => can('DELETE_OWN'),
    canDeleteAny: () => isRoom() && can('DELETE_ANY_MESSAGE'),
  };
}
