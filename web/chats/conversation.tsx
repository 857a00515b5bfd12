import PanelRight from 'lucide-solid/icons/panel-right';
import { createEffect, createMemo, createSignal, lazy, onCleanup, Show, Suspense, type Accessor } from 'solid-js';

import { useSession, useViewer } from '../auth/session';
import { t } from '../i18n';
import { useFeed } from '../feed/create-feed';
import type { createThread } from '../messages/create-thread';
import { createMessageActions } from '../messages/create-message-actions';
import { returnToDraft } from '../messages/drafts';
import { requestEdit } from '../messages/edit-request';
import { hasArrived, outgoingIn, sendAgain, sendVersion, takeBack, type OutgoingMessage } from '../messages/outbox';
import { ChatPlaceProvider } from '../messages/place';
import { Thread } from '../messages/thread';
import { createRunActions } from '../runs/create-run-actions';
import { isActive } from '../store/run';
import { SpokenAnswer } from '../runs/spoken-answer';
import { IconButton } from '../ui/button';
import { createCommands, isTyping } from '../ui/commands';
import { keepToastsAbove } from '../ui/toasts';
import { setPageTitle } from '../ui/tab-mark';
import { ChatComposer } from './chat-composer';
import { ChatHeader } from './chat-header';
import { ChatMenu } from './chat-menu';
import { ClosedChat } from './closed-chat';
import { ConnectionNotice } from './connection-notice';
import { createChatActions } from './create-chat-actions';
import { titleOf, type Chat } from '../store/chat-fragments';
import { NoModelKey } from './no-model-key';
import { RenameDialog } from './rename-dialog';
import { useWorkspace } from './workspace-context';

const Inspector = lazy(() => import('../runs/inspector'));

interface ConversationProps {
  id: string;
  /** Null until it is known. */
  chat: Chat | null;
  thread: ReturnType<typeof createThread>;
}

/** One chat, from its head to the field one writes in. */
export function Conversation(props: ConversationProps) {
  const viewer = useViewer();
  const { server } = useSession();
  const feed = useFeed();
  const chatActions = createChatActions();
  const { stop, regenerate, continueAnswer, isAsking } = createRunActions();
  const { selectBranch } = createMessageActions();
  // oxlint-disable-next-line solid/reactivity -- the page is made anew for every chat
  const chatId = props.id;
  // oxlint-disable-next-line solid/reactivity -- so is its thread
  const { thread } = props;
  const isAnswering = () => thread.shownRunIds().length > 0;
  const outgoing = () =>
    outgoingIn(chatId).filter((message) => message.problem || !hasArrived(message, thread.messages()));
  const isSending = () => outgoing().some((message) => !message.problem);
  const stopping = createStopping(isSending, thread.activeRunIds, (runId) => void stop(runId));
  const newestRun = createMemo(() => thread.messages().findLast((message) => message.run)?.run ?? null);
  const inspection = createInspection();
  const inspectedId = () => inspection.runId() ?? newestRun()?.id ?? null;
  const inspectedStatus = () => thread.messages().find(({ run }) => run?.id === inspectedId())?.run?.status ?? null;
  const [isRenaming, setRenaming] = createSignal(false);
  let field: HTMLTextAreaElement | undefined;

  const spoken = createMemo(() => {
    // The last words may come with the end itself; then only the message has them.
    const answers = thread.messages().filter(({ run }) => run);
    const answer = answers.findLast(({ run }) => isActive(run)) ?? answers.at(-1);
    const parts = (answer?.run && thread.textOf(answer.run.id)?.parts) ?? answer?.parts ?? [];
    return parts.findLast((part) => part.kind === 'TEXT')?.text ?? '';
  });
  const lastOwn = () =>
    closedChat() ? undefined : thread.messages().findLast(({ role, isDeleted }) => role === 'USER' && !isDeleted);
  const closedChat = () => (props.chat && !props.chat.viewerCan.includes('POST') ? props.chat : null);

  createEffect(() => {
    // Whatever went wrong, then, it was only with the server's answer.
    const arrived = outgoingIn(chatId).filter(
      (message) => (message.problem || message.isWaiting) && hasArrived(message, thread.messages()),
    );
    for (const { clientId } of arrived) takeBack(clientId);
  });
  tellWorkspace();
  createCommands([
    {
      id: 'stop',
      label: () => t().keys.stop,
      keys: 'escape',
      run: stopping.stop,
      isEnabled: stopping.isPossible,
      // In another field, such as the search, Esc is meant for that field.
      isKeyTarget: (target) => target === field || !isTyping(target),
    },
    { id: 'inspect', label: () => t().keys.inspector, keys: ['i', 'mod+i'], run: inspection.toggle },
    {
      id: 'edit-last',
      label: () => t().keys.editLast,
      keys: 'arrowup',
      isLocal: true,
      run: editLast,
      isEnabled: () => !!lastOwn(),
    },
  ]);

  function tellWorkspace() {
    const workspace = useWorkspace();
    createEffect(() => {
      workspace.setRun(newestRun());
      workspace.setModel(props.chat?.agent?.effectiveModel ?? null);
    });
    createEffect(() => setPageTitle(`${props.chat ? titleOf(props.chat) : t().chats.untitled} · ${t().app.name}`));
    onCleanup(() => setPageTitle(t().app.name));
  }

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
        <ChatHeader title={props.chat ? titleOf(props.chat) : ''}>
          <IconButton label={t().thread.inspect} aria-pressed={inspection.isOpen()} onClick={inspection.toggle}>
            <PanelRight size={16} aria-hidden="true" />
          </IconButton>
          <Show when={props.chat}>
            {(chat) => (
              <ChatMenu
                label={t().chats.actions}
                chat={chat()}
                actions={chatActions}
                onRename={() => setRenaming(true)}
              />
            )}
          </Show>
        </ChatHeader>
        <ChatPlaceProvider
          value={{ chatId, isClosed: () => closedChat() !== null, focusComposer: () => field?.focus() }}
        >
          <Thread
            thread={thread}
            outgoing={outgoing()}
            isAsking={isAsking()}
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
        <SpokenAnswer text={spoken()} isRunning={isAnswering()} />
        <div
          ref={keepToastsAbove}
          class="mx-auto flex w-full max-w-[48rem] flex-col gap-2 px-5 pb-3 max-md:px-3 max-md:pb-2.5"
        >
          <ConnectionNotice />
          <Show when={!server().hasModelKey}>
            <NoModelKey />
          </Show>
          <Show
            when={closedChat()}
            fallback={
              <ChatComposer
                ref={(element) => (field = element)}
                chatId={chatId}
                chat={props.chat}
                actions={chatActions}
                isRunning={stopping.isPossible()}
                onStop={stopping.stop}
                onEditLast={editLast}
                onLeave={focusThread}
              />
            }
          >
            {(chat) => (
              <ClosedChat
                chat={chat()}
                actions={chatActions}
                isRunning={stopping.isPossible()}
                onStop={stopping.stop}
              />
            )}
          </Show>
        </div>
      </section>
      <Show when={inspection.isOpen()}>
        <Suspense>
          <Inspector runId={inspectedId()} status={inspectedStatus()} onClose={inspection.close} />
        </Suspense>
      </Show>
      <RenameDialog
        chat={isRenaming() ? props.chat : null}
        onClose={() => setRenaming(false)}
        onRename={(title) => void chatActions.rename({ id: chatId }, title)}
      />
    </div>
  );
}

/** The focus goes to what scrolls, so that the keys that scroll work. */
function focusThread() {
  document.querySelector('[role="log"]')?.closest<HTMLElement>('[tabindex]')?.focus();
}

/** Stops what runs. Asked for while the message is still on its way, it stops the run as soon as there is one. */
function createStopping(isSending: Accessor<boolean>, runIds: Accessor<readonly string[]>, stop: (id: string) => void) {
  const [isWanted, setWanted] = createSignal(false);
  const isPossible = () => isSending() || runIds().length > 0;
  createEffect(() => {
    if (!isWanted()) return;
    for (const id of runIds()) stop(id);
    if (!isSending()) setWanted(false);
  });
  return { isPossible, stop: () => setWanted(true) };
}

/** Which run is looked into: one that was chosen, else the newest one. */
function createInspection() {
  const [isOpen, setOpen] = createSignal(false);
  const [runId, setRunId] = createSignal<string | null>(null);
  const show = (isShown: boolean, id: string | null) => {
    setOpen(isShown);
    setRunId(id);
  };
  return {
    isOpen,
    runId,
    open: (id: string) => show(true, id),
    toggle: () => show(!isOpen(), null),
    close: () => show(false, null),
  };
}
