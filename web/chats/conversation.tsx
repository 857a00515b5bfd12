import { createEffect, createMemo, lazy, onCleanup, Suspense } from 'solid-js';

import { loadScript } from '../browser/scripts';
import { t } from '../i18n';
import { titleWords } from '../store/words';
import type { Thread } from '../messages/create-thread';
import { ChatPlaceProvider } from '../messages/place';
import { createRoomRuns } from '../rooms/create-room-runs';
import { createRunActions } from '../runs/create-run-actions';
import { titleOf, type Chat } from '../store/chat-fragments';
import type { Run } from '../store/run';
import { createCommands, isTyping } from '../ui/commands';
import { setPageTitle } from '../ui/tab-mark';
import { AnswerReadAloud } from './answer-read-aloud';
import { ConversationFoot } from './conversation-foot';
import { ConversationHeader } from './conversation-header';
import { ConversationSide } from './conversation-side';
import type { ReadyThread } from './conversation-thread';
import { createChatActions } from './create-chat-actions';
import { createChatOutgoing } from './create-chat-outgoing';
import { createChatPlace } from './create-chat-place';
import { createEditLast } from './create-edit-last';
import { createInspection } from './create-inspection';
import { createStopping } from './create-stopping';
import { useWorkspace } from './workspace-context';

/** With the Markdown of answers, a quarter of the page's scripts: not needed to begin a chat. Its messages are asked for meanwhile. */
const ConversationThread = lazy(() => loadScript(() => import('./conversation-thread')));

interface ConversationProps {
  id: string;
  /** Null until it is known. */
  chat: Chat | null;
  thread: Thread;
}

/** One chat, from its head to the field one writes in. */
export function Conversation(props: ConversationProps) {
  // oxlint-disable-next-line solid/reactivity -- the page is recreated for every chat, and with it its thread
  const { id: chatId, thread } = props;
  let field: HTMLTextAreaElement | undefined;
  let view: ReadyThread | undefined;
  const chat = () => props.chat;
  const focusComposer = () => field?.focus();
  const place = createChatPlace(chat, { chatId, focusComposer, showMessage: thread.show });
  const { isRoom, isClosed } = place;
  const chatActions = createChatActions();
  const { stop } = createRunActions();
  const outgoing = createChatOutgoing(chatId, thread);
  // In a room people go on talking while agents answer: each run has its own button there.
  const stoppable = () => (isRoom() ? [] : thread.activeRunIds());
  const isSending = () => !isRoom() && outgoing.isSending();
  const stopping = createStopping(isSending, stoppable, (runId) => void stop(runId));
  const newestRun = createMemo(() => thread.messages().findLast((message) => message.run)?.run ?? null);
  const inspection = createInspection(isRoom);
  const { editLast, command: editLastCommand } = createEditLast(thread, place);
  const roomRuns = createRoomRuns(() => (isRoom() ? (props.chat?.id ?? null) : null), thread.activeRuns);
  // Those of a room are of many agents and people.
  createWorkspaceReport(chat, () => (props.chat?.kind === 'PRIVATE' ? newestRun() : null));
  createCommands([
    // In another field, such as the search, Esc is meant for that field.
    { ...stopping.command, isKeyTarget: (target) => target === field || !isTyping(target) },
    inspection.command,
    editLastCommand,
  ]);

  return (
    <div class="flex h-full">
      <section class="flex min-w-0 flex-1 flex-col">
        <ConversationHeader
          chat={props.chat}
          actions={chatActions}
          isInspecting={isRoom() ? inspection.isOfMembers() : inspection.isOpen()}
          onInspect={inspection.toggle}
        />
        <ChatPlaceProvider value={place}>
          <Suspense fallback={<div class="flex-1" />}>
            <ConversationThread
              chat={props.chat}
              thread={thread}
              outgoing={outgoing.messages()}
              onReady={(ready) => (view = ready)}
              onInspect={inspection.open}
            />
          </Suspense>
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
      <ConversationSide chat={props.chat} thread={thread} inspection={inspection} newestRun={newestRun()} />
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
