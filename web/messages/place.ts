import { createContext, useContext, type Accessor } from 'solid-js';

/** What the messages of a thread need to know of the chat around them. */
export interface ChatPlace {
  chatId: string;
  /** The chat is archived or deleted: nothing in it can be changed, only read. */
  isClosed: Accessor<boolean>;
  /** Several people write in it, in one line without branches. */
  isRoom: Accessor<boolean>;
  /** What one wrote oneself can be deleted, also in a room where nothing new is written. */
  canDeleteOwn: Accessor<boolean>;
  /** What others wrote can be deleted too. */
  canDeleteAny: Accessor<boolean>;
  focusComposer: () => void;
  /** Brings a message of this chat into view, and points it out. */
  showMessage: (messageId: string) => void;
}

const Context = createContext<ChatPlace>();

export const ChatPlaceProvider = Context.Provider;

export function useChatPlace(): ChatPlace {
  const place = useContext(Context);
  if (!place) throw new Error('useChatPlace is called outside of ChatPlaceProvider.');
  return place;
}
