import { createEffect, createMemo, lazy, onCleanup, Show, Suspense } from 'solid-js';

import { useViewer } from '../auth/session';
import { useFeed } from '../feed/create-feed';
import { t } from '../i18n';
import { keyWords } from '../ui/words';
import { titleWords } from '../store/words';
import { createMessageActions } from '../messages/create-message-actions';
import type { Thread } from '../messages/create-thread';
import { returnToDraft } from '../messages/drafts';
import { requestEdit } from '../messages/edit-request';
import { sendAgain, sendVersion, takeBack, type OutgoingMessage } from '../messages/outbox';
import { ChatPlaceProvider } from '../messages/place';
import { isOwn, type Message } from '../store/message-fragments';
import { ThreadView } from '../messages/thread';
import { createReadMarks } from '../rooms/create-read-marks';
import { createUnreadLine } from '../rooms/create-unread-line';
import { createRoomRuns } from '../rooms/create-room-runs';
import { createRunActions } from '../runs/create-run-actions';
import { titleOf, type Chat } from '../store/chat-fragments';
import type { Run } from '../store/run';
import { createCommands, isTyping } from '../ui/commands';
import { setPageTitle } from '../ui/tab-mark';
import { AnswerReadAloud } from './answer-read-aloud';
import { ConversationFoot } from './conversation-foot';
import { ConversationHeader } from './conversation-header';
import { createChatActions } from './create-chat-actions';
import { createChatOutgoing } from './create-chat-outgoing';
import { createInspection } from './create-inspection';
import { createStopping } from './create-stopping';
import { useWorkspace } from './workspace-context';

const RoomPanel = lazy(() => import('../rooms/room-panel'));
const Inspector = lazy(() => import('../runs/inspector'));

interface ConversationProps {
  id: string;
  /** Null until it is known. */
  chat: Chat | null;
  thread: Thread;
}

/** One chat, from its head to the field one writes in. */
export function Conversation(props: ConversationProps) {
  const viewer = useViewer();
  const feed = useFeed();
  const chatActions = createChatActions();
  const { stop, regenerate, continueAnswer, isAsking } = createRunActions();
  const { selectBranch } = createMessageActions();
  // oxlint-disable-next-line solid/reactivity -- the page is made anew for every chat, and with it its thread
  const { id: chatId, thread } = props;
  const outgoing = createChatOutgoing(chatId, thread);
  const isRoom = () => props.chat?.kind === 'ROOM';
  // In a room people go on talking while agents answer: each run has its own button there.
  const stoppable = () => (isRoom() ? [] : thread.activeRunIds());
  const isSending = () => !isRoom() && outgoing.isSending();
  const stopping = createStopping(isSending, stoppable, (runId) => void stop(runId));
  const newestRun = createMemo(() => thread.messages().findLast((message) => message.run)?.run ?? null);
  const inspection = createInspection(isRoom);
  const inspectedId = () => inspection.runId() ?? newestRun()?.id ?? null;
  const inspectedStatus = () => thread.messages().find(({ run }) => run?.id === inspectedId())?.run?.status ?? null;
  const isClosed = () => !!props.chat && !props.chat.viewerCan.includes('POST');
  const canDeleteOwn = () => !!props.chat?.viewerCan.includes('DELETE_OWN');
  const canDeleteAny = () => isRoom() && !!props.chat?.viewerCan.includes('DELETE_ANY_MESSAGE');
  let field: HTMLTextAreaElement | undefined;

  const lastOwn = () => {
    if (isClosed()) return undefined;
    const [personId, isOfAll] = [viewer().person.id, !isRoom()];
    const canEdit = (message: Message) => !message.isDeleted && message.role === 'USER';
    return thread.messages().findLast((message) => canEdit(message) && (isOfAll || isOwn(message, personId)));
  };

  const room = () => (isRoom() ? props.chat : null);
  const roomRuns = createRoomRuns(() => room()?.id ?? null, thread.activeRunIds);
  const noteSeen = createReadMarks(room);
  let view: { jumpToEnd: () => void; isFollowing: () => boolean } | undefined;
  const unreadLine = createUnreadLine({ room, isFollowing: () => view?.isFollowing() ?? true });
  createWorkspaceReport(
    () => props.chat,
    // Those of a room are of many agents and people.
    () => (props.chat?.kind === 'PRIVATE' ? newestRun() : null),
  );
  createCommands([
    // In another field, such as the search, Esc is meant for that field.
    { ...stopping.command, isKeyTarget: (target) => target === field || !isTyping(target) },
    inspection.command,
    {
      id: 'edit-last',
      label: () => keyWords().editLast,
      keys: 'arrowup',
      isLocal: true,
      run: editLast,
      isEnabled: () => !!lastOwn(),
    },
  ]);

  function editLast() {
    const message = lastOwn();
    if (message) requestEdit(message.id);
  }

  function returnToField({ clientId, content }: OutgoingMessage) {
    takeBack(clientId);
    returnToDraft(viewer().id, chatId, content);
    field?.focus();
  }

  return (
    <div class="flex h-full">
      <section class="flex min-w-0 flex-1 flex-col">
        <ConversationHeader
          chat={props.chat}
          actions={chatActions}
          isInspecting={isRoom() ? inspection.isOfMembers() : inspection.isOpen()}
          onInspect={inspection.toggle}
        />
        <ChatPlaceProvider
          value={{
            chatId,
            isClosed,
            isRoom,
            canDeleteOwn,
            canDeleteAny,
            focusComposer: () => field?.focus(),
            showMessage: thread.show,
          }}
        >
          <ThreadView
            thread={thread}
            outgoing={outgoing.messages()}
            isAsking={isAsking()}
            firstUnreadId={unreadLine.firstUnreadId()}
            onSeen={noteSeen}
            onReady={(ready) => (view = ready)}
            onRegenerate={(messageId, agentId) => void regenerate(messageId, agentId)}
            onContinue={(messageId) => void continueAnswer(messageId)}
            onSelect={selectBranch}
            onSendBeside={(message, content, clientId) =>
              sendVersion(feed, { chatId, parentId: message.parent?.id ?? null, content, clientId })
            }
            onSentBeside={() => field?.focus()}
            onInspect={inspection.open}
            onRetry={(clientId) => void sendAgain(feed, clientId)}
            onTakeBack={returnToField}
          />
        </ChatPlaceProvider>
        <AnswerReadAloud thread={thread} />
        <ConversationFoot
          ref={(element) => (field = element)}
          chatId={chatId}
          chat={props.chat}
          isClosed={isClosed()}
          actions={chatActions}
          isRunning={stopping.isPossible()}
          roomRuns={roomRuns()}
          messages={thread.messages()}
          onStop={stopping.stop}
          onEditLast={editLast}
          onLeave={focusThread}
          onEnd={() => view?.jumpToEnd()}
        />
      </section>
      <Show when={inspection.isOfMembers() && props.chat}>
        {(room) => (
          <Suspense>
            <RoomPanel room={room()} onClose={inspection.close} onShow={thread.show} />
          </Suspense>
        )}
      </Show>
      <Show when={inspection.isOfRun()}>
        <Suspense>
          <Inspector runId={inspectedId()} status={inspectedStatus()} onClose={inspection.close} />
        </Suspense>
      </Show>
    </div>
  );
}

/** The status line and the title of the tab speak of this chat. */
function createWorkspaceReport(chat: () => Chat | null, run: () => Run | null) {
  const workspace = useWorkspace();
  createEffect(() => {
    workspace.setRun(run());
    workspace.setModel((chat()?.kind === 'PRIVATE' && chat()?.agent?.effectiveModel) || null);
  });
  createEffect(() => {
    const shown = chat();
    setPageTitle(`${shown ? titleOf(shown) : titleWords().untitled} · ${t().app.name}`);
  });
  onCleanup(() => setPageTitle(t().app.name));
}

/** The focus goes to what scrolls, so that the keys that scroll work. */
function focusThread() {
  document.querySelector('[role="log"]')?.closest<HTMLElement>('[tabindex]')?.focus();
}
