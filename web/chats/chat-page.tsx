import { useParams } from '@solidjs/router';
import { createQuery, useClient } from '@urql/solid';
import PanelRight from 'lucide-solid/icons/panel-right';
import { createEffect, createMemo, createSignal, lazy, onCleanup, Show, Suspense } from 'solid-js';
import { AgentPicker } from '../agents/agent-picker';
import { useSession, useViewer } from '../auth/session';
import { graphql } from '../generated';
import { connection } from '../graphql/client';
import { t } from '../i18n';
import { Composer } from '../messages/composer';
import { createThread } from '../messages/create-thread';
import { draftOf, keepDraft } from '../messages/drafts';
import { outgoingIn, send, sendAgain, takeBack, type OutgoingMessage } from '../messages/outbox';
import { Thread } from '../messages/thread';
import { createLiveRuns } from '../runs/create-live-runs';
import { createRunActions } from '../runs/create-run-actions';
import { SpokenAnswer } from '../runs/spoken-answer';
import { Button, IconButton } from '../ui/button';
import { createCommands } from '../ui/commands';
import { NotFoundPage } from '../ui/not-found-page';
import { Notice } from '../ui/notice';
import { ChatHeader } from './chat-header';
import { ChatMenu } from './chat-menu';
import { createChatActions } from './create-chat-actions';
import type { Chat } from './fragments';
import { NewChatPage } from './new-chat-page';
import { NoModelKey } from './no-model-key';
import { RenameDialog } from './rename-dialog';
import { useWorkspace } from './workspace-context';

const Inspector = lazy(() => import('../runs/inspector'));

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

/** The thread is asked for together with the chat rather than after it, so that both are there at once. */
function Conversation(props: { id: string; chat: Chat | null }) {
  const viewer = useViewer();
  const { server } = useSession();
  const client = useClient();
  const workspace = useWorkspace();
  const chatActions = createChatActions();
  const { stop, answerAgain, isAsking } = createRunActions();
  // eslint-disable-next-line solid/reactivity -- the page is made anew for every chat
  const chatId = props.id;
  const thread = createThread(chatId);
  const liveOf = createLiveRuns(thread.activeRunIds);
  const [inspected, setInspected] = createSignal<string | null>(null);
  const [isInspecting, setInspecting] = createSignal(false);
  const [isRenaming, setRenaming] = createSignal(false);
  const [remark, setRemark] = createSignal<string | null>(null);
  let field: HTMLTextAreaElement | undefined;

  const newestRun = createMemo(() => thread.messages().findLast((message) => message.run)?.run ?? null);
  const isRunning = () => thread.activeRunIds().length > 0;
  const spoken = createMemo(() => {
    const live = thread.activeRunIds().map(liveOf).at(-1);
    return live?.text().parts.findLast((part) => part.kind === 'TEXT')?.text ?? '';
  });
  const isClosed = () => !!props.chat && (!!props.chat.deletedAt || !!props.chat.archivedAt);

  createEffect(() => {
    workspace.setRun(newestRun());
    workspace.setModel(props.chat?.agent.effectiveModel ?? null);
  });
  createEffect(() => (document.title = `${props.chat?.title || t().chats.untitled} · ${t().app.name}`));
  onCleanup(() => (document.title = t().app.name));

  createCommands([
    { id: 'stop', label: () => t().keys.stop, keys: 'escape', run: stopAll, isEnabled: isRunning },
    { id: 'inspect', label: () => t().keys.inspector, keys: 'i', run: () => inspect(null) },
    { id: 'write', label: () => t().keys.focusComposer, keys: 'm', run: () => field?.focus() },
    { id: 'send', label: () => t().keys.send, keys: 'enter', run: () => undefined, isLocal: true },
    { id: 'newline', label: () => t().keys.newline, keys: 'shift+enter', run: () => undefined, isLocal: true },
  ]);

  function stopAll() {
    for (const runId of thread.activeRunIds()) void stop(runId);
  }

  async function say(content: string) {
    keepDraft(viewer().id, chatId, '');
    setRemark(null);
    const words = await send(client, chatId, content);
    if (!words) return;
    keepDraft(viewer().id, chatId, content);
    setRemark(words);
    thread.refresh();
  }

  function returnToComposer({ clientId, content }: OutgoingMessage) {
    takeBack(clientId);
    keepDraft(viewer().id, chatId, [draftOf(viewer().id, chatId), content].filter(Boolean).join('\n\n'));
    field?.focus();
  }

  function inspect(runId: string | null) {
    setInspecting(!isInspecting() || runId !== null);
    setInspected(runId);
  }

  return (
    <div class="flex h-full">
      <section class="flex min-w-0 flex-1 flex-col">
        <ChatHeader title={props.chat?.title || (props.chat ? t().chats.untitled : '')}>
          <IconButton label={t().thread.inspect} aria-pressed={isInspecting()} onClick={() => inspect(null)}>
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
        <Thread
          thread={thread}
          outgoing={outgoingIn(chatId)}
          liveOf={liveOf}
          isAsking={isAsking()}
          onAgain={(messageId) => void answerAgain(messageId)}
          onInspect={inspect}
          onRetry={(clientId) => sendAgain(client, clientId)}
          onTakeBack={returnToComposer}
        />
        <SpokenAnswer text={spoken()} isRunning={isRunning()} />
        <div class="mx-auto flex w-full max-w-[48rem] flex-col gap-2 px-5 pb-3 max-md:px-3 max-md:pb-2.5">
          <Show when={connection() === 'waiting' && isRunning()}>
            <Notice tone="warning">{t().failures.reconnecting}</Notice>
          </Show>
          <Show when={!server().hasModelKey}>
            <NoModelKey />
          </Show>
          <Show when={remark()}>{(words) => <Notice tone="warning">{words()}</Notice>}</Show>
          <Show when={isClosed() ? props.chat : null} fallback={<Field />}>
            {(chat) => <ClosedNotice chat={chat()} />}
          </Show>
        </div>
      </section>
      <Show when={isInspecting()}>
        <Suspense>
          <Inspector runId={inspected() ?? newestRun()?.id ?? null} onClose={() => setInspecting(false)} />
        </Suspense>
      </Show>
      <RenameDialog
        chat={isRenaming() ? props.chat : null}
        onClose={() => setRenaming(false)}
        onRename={(title) => void chatActions.rename({ id: chatId }, title)}
      />
    </div>
  );

  function Field() {
    return (
      <Composer
        ref={(element) => (field = element)}
        text={draftOf(viewer().id, chatId)}
        onText={(text) => keepDraft(viewer().id, chatId, text)}
        onSend={(text) => void say(text)}
        onStop={stopAll}
        isRunning={isRunning()}
        isBusy={outgoingIn(chatId).some((message) => !message.problem)}
        isAutofocused
        agentName={props.chat?.agent.name ?? ''}
        picker={
          <AgentPicker
            chosenId={props.chat?.chosenAgent?.id ?? null}
            name={props.chat?.agent.name ?? ''}
            onChoose={(agentId) => void chatActions.chooseAgent({ id: chatId }, agentId)}
          />
        }
      />
    );
  }

  function ClosedNotice(closed: { chat: Chat }) {
    const reopen = () =>
      closed.chat.deletedAt ? chatActions.restore(closed.chat) : chatActions.unarchive(closed.chat);
    return (
      <Notice
        actions={
          <Button isSmall onClick={() => void reopen()}>
            {closed.chat.deletedAt ? t().common.restore : t().chats.unarchive}
          </Button>
        }
      >
        {closed.chat.deletedAt ? t().chats.isDeleted : t().chats.isArchived}
      </Notice>
    );
  }
}
