import { useNavigate } from '@solidjs/router';
import { createEffect, createSignal, Show } from 'solid-js';
import { AgentPicker } from '../agents/agent-picker';
import { createAgents } from '../agents/agents';
import { useSession, useViewer } from '../auth/session';
import { useFeed } from '../feed/create-feed';
import { composerWords, threadWords } from '../messages/words';
import { chatWords } from './words';
import { agentWords } from '../agents/words';
import { Composer } from '../messages/composer';
import { draftOf, holdDraft, keepDraft, moveDraft } from '../messages/drafts';
import {
  beginChat,
  changeAgentOfNewChats,
  createNewChatListener,
  holdBackNewChats,
  newChatDraft,
  newChatsOf,
  takeOverLeftNewChats,
} from '../messages/new-chat-outbox';
import { Notice } from '../ui/notice';
import { keepToastsAbove } from '../ui/toasts';
import { ChatHeader } from './chat-header';
import { ConnectionNotice } from './connection-notice';
import { chatPath } from '../store/chat-fragments';
import { NoModelKey } from './no-model-key';
import { useWorkspace } from './workspace-context';

/** A chat that is not there yet: it begins with its first message. */
export function NewChatPage() {
  const feed = useFeed();
  const navigate = useNavigate();
  const viewer = useViewer();
  const { server } = useSession();
  const workspace = useWorkspace();
  const agents = createAgents();
  const viewerId = viewer().id;
  const sent = () => newChatsOf(viewerId);
  const [agentId, setAgentId] = createSignal<string | null>(null);
  const agent = () => agents().find((each) => (agentId() ? each.id === agentId() : each.isDefault));
  holdDraft(viewerId, newChatDraft);
  // Another tab that was closed in the meantime may have left some.
  takeOverLeftNewChats(viewerId);

  createEffect(() => {
    workspace.setRun(null);
    workspace.setModel(agent()?.effectiveModel ?? null);
  });
  createEffect(() => {
    const first = sent()[0];
    if (first) setAgentId(first.agentId);
  });
  createNewChatListener(viewerId, (chatId) => {
    // What was typed meanwhile belongs to the new chat, unless it is sent into a chat of its own.
    if (sent().length === 0) moveDraft(viewerId, newChatDraft, chatId);
    navigate(chatPath(chatId));
  });

  function chooseAgent(chosen: string | null) {
    setAgentId(chosen);
    changeAgentOfNewChats(viewerId, chosen);
  }

  function keepText(text: string) {
    if (text !== draftOf(viewerId, newChatDraft)) holdBackNewChats(viewerId);
    keepDraft(viewerId, newChatDraft, text);
  }

  return (
    <div class="flex h-full flex-col">
      <ChatHeader title={chatWords().newChat} />
      <div class="flex min-h-0 flex-1 flex-col justify-end overflow-y-auto md:justify-center md:pb-[12vh]">
        <div ref={keepToastsAbove} class="mx-auto w-full max-w-[48rem] px-5 max-md:px-4 max-md:pb-3">
          <div class="mb-6 max-md:mb-10">
            <h2 class="text-title font-semibold tracking-tight text-balance md:text-2xl">
              {threadWords().emptyTitle(viewer().name.split(' ')[0] ?? '')}
            </h2>
            <p class="mt-1 text-ink-faint">{threadWords().emptyHint}</p>
          </div>
          <Show when={sent().find(({ problem }) => problem)?.problem}>
            {(words) => (
              <Notice tone="danger" class="mb-3">
                {words()}
              </Notice>
            )}
          </Show>
          <div class="mb-2 empty:hidden">
            <ConnectionNotice />
          </div>
          <Composer
            text={draftOf(viewerId, newChatDraft)}
            onText={keepText}
            onSend={(text) => beginChat(feed, viewerId, agentId(), text)}
            onStop={() => undefined}
            isRunning={false}
            isBusy={sent().some(({ isSending }) => isSending)}
            isAutofocused
            placeholder={composerWords().placeholder(agent()?.name ?? '')}
            picker={
              <AgentPicker
                chosenId={agentId()}
                name={agent()?.name ?? agentWords().useDefault}
                onChoose={chooseAgent}
              />
            }
          />
          <Show when={!server().hasModelKey}>
            <div class="mt-3">
              <NoModelKey />
            </div>
          </Show>
        </div>
      </div>
    </div>
  );
}
