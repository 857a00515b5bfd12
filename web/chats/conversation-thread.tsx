import { createSignal } from 'solid-js';

import { useViewer } from '../auth/session';
import { useFeed } from '../feed/create-feed';
import { createMessageActions } from '../messages/create-message-actions';
import type { Thread } from '../messages/create-thread';
import { returnToDraft } from '../messages/drafts';
import { sendAgain, sendVersion, takeBack, type OutgoingMessage } from '../messages/outbox';
import { useChatPlace } from '../messages/place';
import { ThreadView } from '../messages/thread';
import { createReadMarks } from '../rooms/create-read-marks';
import { createUnreadLine } from '../rooms/create-unread-line';
import { createRoomInView } from '../rooms/room-in-view';
import { createRunActions } from '../runs/create-run-actions';
import type { Chat } from '../store/chat-fragments';

export interface ReadyThread {
  jumpToEnd: () => void;
  isFollowing: () => boolean;
}

interface ConversationThreadProps {
  chat: Chat | null;
  thread: Thread;
  outgoing: readonly OutgoingMessage[];
  /** Given once. */
  onReady: (view: ReadyThread) => void;
  onInspect: (runId: string) => void;
}

/** The messages of the chat, what can be done with each of them, and what of them was read. */
export default function ConversationThread(props: ConversationThreadProps) {
  const viewer = useViewer();
  const feed = useFeed();
  const { chatId, isRoom, focusComposer } = useChatPlace();
  const { regenerate, continueAnswer, isAsking } = createRunActions();
  const { selectBranch } = createMessageActions();
  const room = () => (isRoom() ? props.chat : null);
  const noteSeen = createReadMarks(room);
  const [view, setView] = createSignal<ReadyThread | null>(null);
  const unreadLine = createUnreadLine({ room, isFollowing: () => view()?.isFollowing() ?? true });
  createRoomInView({ room, isFollowing: () => view()?.isFollowing() ?? false });

  function returnToField({ clientId, content }: OutgoingMessage) {
    takeBack(clientId);
    returnToDraft(viewer().id, chatId, content);
    focusComposer();
  }

  return (
    <ThreadView
      thread={props.thread}
      outgoing={props.outgoing}
      isAsking={isAsking()}
      firstUnreadId={unreadLine.firstUnreadId()}
      onSeen={noteSeen}
      onReady={(ready) => {
        setView(ready);
        props.onReady(ready);
      }}
      onRegenerate={(messageId, agentId) => void regenerate(messageId, agentId)}
      onContinue={(messageId) => void continueAnswer(messageId)}
      onSelect={selectBranch}
      onSendBeside={(message, content, clientId) =>
        sendVersion(feed, { chatId, parentId: message.parent?.id ?? null, content, clientId })
      }
      onSentVersion={focusComposer}
      onInspect={props.onInspect}
      onRetry={(clientId) => void sendAgain(feed, clientId)}
      onTakeBack={returnToField}
    />
  );
}
