import { useNavigate } from '@solidjs/router';
import { createEffect, createSignal, on, onCleanup, Show } from 'solid-js';
import { AgentPicker } from '../agents/agent-picker';
import { createAgents } from '../agents/agents';
import { useSession, useViewer } from '../auth/session';
import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import { hasSessionEnded } from '../graphql/client';
import { makeClientId } from '../graphql/client-id';
import { perform } from '../graphql/perform';
import { t } from '../i18n';
import { Composer } from '../messages/composer';
import { draftOf, holdDraft, keepDraft, returnToDraft } from '../messages/drafts';
import { sayWait, send } from '../messages/outbox';
import { Notice } from '../ui/notice';
import { keepToastsAbove } from '../ui/toasts';
import { ChatHeader } from './chat-header';
import { ConnectionNotice } from './connection-notice';
import { chatPath } from './fragments';
import { NoModelKey } from './no-model-key';
import { useWorkspace } from './workspace-context';

const CreateChat = graphql(`
  mutation CreateChat($input: CreateChatInput!) {
    createChat(input: $input) {
      __typename
      ... on CreateChatPayload {
        chat {
          ...ChatFields
        }
      }
      ... on ChatLimitError {
        limit
      }
      ... on InvalidInputError {
        issues {
          reason
        }
      }
      ... on Error {
        reason
      }
    }
  }
`);

const draftName = 'new';

/** A chat that is not there yet: it begins with its first message. */
export function NewChatPage() {
  const feed = useFeed();
  const navigate = useNavigate();
  const viewer = useViewer();
  const { server } = useSession();
  const workspace = useWorkspace();
  const agents = createAgents();
  const [agentId, setAgentId] = createSignal<string | null>(null);
  const [problem, setProblem] = createSignal<string | null>(null);
  const [isBusy, setBusy] = createSignal(false);
  /** What is sent by itself when that is possible, if it still stands in the box then. */
  let waiting: string | null = null;
  const agent = () => agents().find((each) => (agentId() ? each.id === agentId() : each.isDefault));
  // Kept over a failed attempt, so that a chat whose confirmation got lost is not made twice.
  const clientId = makeClientId();
  holdDraft(viewer().id, draftName);
  let isHere = true;
  onCleanup(() => (isHere = false));

  createEffect(() => {
    workspace.setRun(null);
    workspace.setModel(agent()?.effectiveModel ?? null);
  });

  createEffect(
    on(
      [feed.connection, feed.caughtUp, hasSessionEnded],
      ([connection, _caughtUp, isEnded]) => {
        const isUnchanged = draftOf(viewer().id, draftName) === waiting;
        if (waiting && isUnchanged && connection === 'open' && !isEnded && !isBusy()) void begin(waiting);
      },
      { defer: true },
    ),
  );

  async function begin(content: string) {
    const viewerId = viewer().id;
    setBusy(true);
    setProblem(null);
    waiting = null;
    const begun = await perform(feed.client, CreateChat, { input: { agentId: agentId(), clientId } });
    setBusy(false);
    if (!begun.payload) {
      waiting = begun.canPass ? content : null;
      return setProblem(begun.canPass ? `${t().thread.notSent} ${sayWait()}` : begun.words);
    }
    const { id } = begun.payload.chat;
    feed.learnPage(begun.payload.chat, [], { isNewest: true });
    const sending = send(feed, viewerId, id, content);
    // Only now: what was typed is never without a place where it is remembered.
    if (draftOf(viewerId, draftName) === content) keepDraft(viewerId, draftName, '');
    if (isHere) navigate(chatPath(id));
    if (await sending) returnToDraft(viewerId, id, content);
  }

  return (
    <div class="flex h-full flex-col">
      <ChatHeader title={t().chats.newChat} />
      <div class="flex min-h-0 flex-1 flex-col justify-end overflow-y-auto md:justify-center md:pb-[12vh]">
        <div ref={keepToastsAbove} class="mx-auto w-full max-w-[48rem] px-5 max-md:px-4 max-md:pb-3">
          <div class="mb-6 max-md:mb-10">
            <h2 class="text-title font-semibold tracking-tight text-balance md:text-2xl">
              {t().thread.emptyTitle(viewer().name.split(' ')[0] ?? '')}
            </h2>
            <p class="mt-1 text-ink-faint">{t().thread.emptyHint}</p>
          </div>
          <Show when={problem()}>
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
            text={draftOf(viewer().id, draftName)}
            onText={(text) => keepDraft(viewer().id, draftName, text)}
            onSend={(text) => void begin(text)}
            onStop={() => undefined}
            isRunning={false}
            isBusy={isBusy()}
            isAutofocused
            agentName={agent()?.name ?? ''}
            picker={
              <AgentPicker chosenId={agentId()} name={agent()?.name ?? t().agents.useDefault} onChoose={setAgentId} />
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
